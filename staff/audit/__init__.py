"""Who saw, changed, exported and published what: a log that only grows."""
