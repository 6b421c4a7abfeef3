"""The application: composition root, HTTP, supervised processes and the command line."""
