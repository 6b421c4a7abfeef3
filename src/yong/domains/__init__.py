"""Domains: one folder each, found by scanning; they meet only through `api` and `contracts`."""
