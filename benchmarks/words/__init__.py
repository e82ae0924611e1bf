"""How well words are understood, on pairs that were labelled before any resolver saw them, and how fast."""
