"""E-mail: the message, the dialogue with the mail server, and their settings."""
