"""Decision tables (DMN): read from their file, held against themselves, answered with the reason. Pure."""
