"""The data that is measured on: generated and real graphs as columns, the same as records, and new ties for them."""
