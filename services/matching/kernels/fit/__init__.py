"""Which openings fit which seekers."""
