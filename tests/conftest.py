"""Tests run as the assistant does: without TensorFlow in the process."""

from bot import placeholder

placeholder.install()
