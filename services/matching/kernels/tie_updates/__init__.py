"""The four occasions on which ties are derived again: a burst of records, loading, a new day, people who change."""
