"""What the words people type mean: companies, skills, titles and places. One resolver for every service."""
