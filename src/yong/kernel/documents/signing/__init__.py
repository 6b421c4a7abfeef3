"""Signatures of papers (PAdES, ETSI EN 319 142-1): the city's own key pair, signing, and verifying what anybody signed."""
