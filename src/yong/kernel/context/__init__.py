"""What is now: entities with the newest value of every attribute, in the form of NGSI-LD."""
