"""Arrays that never move, and what is kept in them: blocks of a pool, lists, chains, rows of facts."""
