"""The kernel: one loop for every domain. Packages import only what stands below them."""
