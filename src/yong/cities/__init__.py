"""City packages: what is one city's own (codes, departments, districts) and nothing else."""
