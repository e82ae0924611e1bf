"""What people hear: inbox, live stream, e-mail, each thing once."""
