"""Observations: what was, hot in day partitions of PostgreSQL; cold storage comes to the same door."""
