"""The channels that leave this machine."""
