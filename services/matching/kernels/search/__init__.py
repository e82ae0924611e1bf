"""Looking for paths: of an opening, of a seeker, through some introducers, or into a company."""
