"""Where conversations are kept: the database, the tracker store, the lock store."""
