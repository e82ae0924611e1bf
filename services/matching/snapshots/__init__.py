"""What a matcher restarts from: its state in a file, when it is written, and how it comes back."""
