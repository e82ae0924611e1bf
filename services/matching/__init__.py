"""For every opening, who in a seeker's network can introduce them. No database: state comes from the topics."""
