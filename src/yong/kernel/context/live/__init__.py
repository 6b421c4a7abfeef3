"""Changes as they happen, told over HTTP to those who may see them (server-sent events, WHATWG HTML 9.2).

`feed` reads the bus, `changes` folds events into which attributes of which entities changed, `wanted` says what a
client follows, `reading` reads what changed once for all who see the same, `frames` makes the bytes that they share
and keeps what waits for a client within bounds, `hub` brings them together, one for each process.
"""
