"""The exception tree.

ConoceError
├── SettingsError    a setting is missing or wrong
├── SetUpError       something that the set-up installs is missing
├── ContentError     questions or answers break a rule (carries every problem found)
├── ArchiveError     the trained archive is missing, broken or of another version
├── StorageError     conversations cannot be read or written
└── ReplyError       no text fits an answer, a language and a channel

Every message says what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence


class ConoceError(Exception):
    """Anything that this project reports to a person who runs it."""


class SettingsError(ConoceError):
    """A setting is missing or wrong."""


class SetUpError(ConoceError):
    """Something that the set-up installs is missing."""


class ContentError(ConoceError):
    """Questions or answers break a rule.

    `problems` holds one line each, beginning with file and line.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ArchiveError(ConoceError):
    """The trained archive is missing, broken or of another version."""


class StorageError(ConoceError):
    """Conversations cannot be read or written."""


class ReplyError(ConoceError):
    """No text fits an answer, a language and a channel."""
