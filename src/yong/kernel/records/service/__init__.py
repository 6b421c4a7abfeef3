"""Use cases of records: one transaction each, shared by those that arrive together."""
