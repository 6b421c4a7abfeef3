"""The use cases of messages: telling, the inbox, what people choose, sending, and following what happens."""
