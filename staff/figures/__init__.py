"""The dashboard: counts a day, and what falls due."""
