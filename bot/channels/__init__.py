"""The ways in which people reach the assistant: one package each, none knows the others."""
