"""Payload formats, each a table entry of the manifest; see `contracts.Adapter` for how to write one."""
