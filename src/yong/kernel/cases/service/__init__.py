"""The use cases of cases: procedures on the shelf, work that goes from desk to desk, and what time brings."""
