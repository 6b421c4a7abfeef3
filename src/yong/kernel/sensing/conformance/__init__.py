"""Whether what a device says conforms: each protocol's rules over the bytes, and scripts that a device's messages follow."""
