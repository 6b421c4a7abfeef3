"""The tables of records: made from declarations, read through scopes, written with their history."""

from yong.kernel.records.store.tables import migrate_tables

__all__ = ["migrate_tables"]
