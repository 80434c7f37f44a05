"""What the services agree on: generated messages, topics, ids, the ontology and the Redis keys."""
