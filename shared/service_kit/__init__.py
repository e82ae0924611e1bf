"""What a service is made of: its declaration, the builder that starts and stops it in order, and background loops."""
