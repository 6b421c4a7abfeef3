"""NATS JetStream: the buffer between what happens and who hears of it."""
