"""Work away from the network: what a device takes along, and what it hands in afterwards."""
