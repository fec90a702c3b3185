"""Texting, whatever the carrier: keywords, limits, pages, and one desk that every message passes."""
