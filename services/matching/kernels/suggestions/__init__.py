"""The best three introducers of a seeker for an opening, as rows, and those that are live."""
