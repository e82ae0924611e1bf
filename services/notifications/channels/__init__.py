"""Ways out besides the inbox itself. E-mail is the one there is."""
