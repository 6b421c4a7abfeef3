"""The conformance kit's moving parts: a script played against a door, a door listened to, and what both report."""
