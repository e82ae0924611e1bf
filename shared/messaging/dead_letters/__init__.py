"""What a group could not process: written, listed, replayed."""
