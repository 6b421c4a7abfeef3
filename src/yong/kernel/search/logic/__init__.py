"""The rules of search: pure, without database, index or web."""
