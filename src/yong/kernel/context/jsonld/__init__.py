"""JSON-LD as NGSI-LD needs it: names to IRIs and back by a context, without the internet."""
