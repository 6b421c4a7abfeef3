"""The only door of cityops: every function takes the City and the Caller, and authorizes first."""
