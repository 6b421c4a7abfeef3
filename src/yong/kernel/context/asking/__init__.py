"""Asking for entities: the standard's query, geo-query, scope and type languages, compiled to SQL."""
