"""Questions and answers: teach, edit, compare."""
