"""Check a draft, publish it, go back."""
