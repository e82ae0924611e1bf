"""Members, address books, evidence of ties, consent: the only place where names and e-mail addresses live."""
