"""PostgreSQL: the pool, migrations, named queries."""
