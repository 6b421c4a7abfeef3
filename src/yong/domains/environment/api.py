"""The only door of environment: every function takes the City and the Caller, and authorizes first."""
