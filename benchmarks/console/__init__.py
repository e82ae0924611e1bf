"""How fast the console's pages are: made, sent, drawn on a phone, and brought up to date while they are open."""
