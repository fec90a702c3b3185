"""What the pages of the app need."""
