"""PostgreSQL: the one place where what must last is kept."""
