"""Conversations and queues: what people asked, never who."""
