"""How a service takes records in: group consumer, batches, offsets kept in the database."""
