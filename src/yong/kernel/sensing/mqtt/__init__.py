"""MQTT: who may connect and when (gate, callout), and how messages are committed (reader, writer)."""
