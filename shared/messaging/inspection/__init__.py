"""What operators look at: records of a topic, and how far each group has read."""
