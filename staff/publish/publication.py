"""Publishing: content and archive together, and back again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from bot import archive
from bot.candidate import digest_of
from bot.errors import ArchiveError
from bot.settings import Settings
from staff.accounts.models import User
from staff.publish.models import Publication
from staff.teach.files import Draft

#: So many publications can be gone back to; an archive takes some 60 MB.
KEPT = 10

_CONTENT = "content"


def publish(settings: Settings, draft: Draft, made: Path, user: User, result: dict[str, Any]) -> Publication:
    """Put a checked draft in the place of the published content, and its archive to work.

    Raises ArchiveError when the archive cannot be published; then nothing was.
    """
    with draft.locked():
        return _publish(settings, draft, made, user, result)


def _publish(settings: Settings, draft: Draft, made: Path, user: User, result: dict[str, Any]) -> Publication:
    if digest_of(draft.folder) != result["digest"]:
        raise ArchiveError("The draft changed since the check: check it again.")
    changes = [[change.entry, change.summary] for change in draft.changes()]
    if not Publication.objects.exists():
        _keep(settings, settings.content, archive.latest_archive(settings), user=None)
    publication = _keep(
        settings, draft.folder, made, user,
        changes=changes, gained=len(result["gained"]), lost=len(result["lost"]),
    )  # fmt: skip
    _set(settings, publication)
    shutil.rmtree(draft.folder)
    return publication


def roll_back(settings: Settings, publication: Publication, user: User) -> Publication:
    """Let an earlier publication answer again; what is in the draft stays there."""
    _set(settings, publication)
    return Publication.objects.create(
        who=user, archive=publication.archive, digest=publication.digest, of=publication
    )


def possible(settings: Settings) -> list[Publication]:
    """Return the publications that can be gone back to, newest first."""
    own = Publication.objects.filter(of=None)
    return [p for p in own if (settings.publications / str(p.pk) / p.archive).exists()]


def _keep(settings: Settings, content: Path, made: Path, user: User | None, **details: Any) -> Publication:
    publication = Publication.objects.create(
        who=user, archive=made.name, digest=digest_of(content), **details
    )
    folder = settings.publications / str(publication.pk)
    shutil.copytree(content, folder / _CONTENT)
    _link(made, folder / made.name)
    for old in possible(settings)[KEPT:]:
        shutil.rmtree(settings.publications / str(old.pk))
    return publication


def _set(settings: Settings, publication: Publication) -> None:
    """Copy the content of a publication to its place and publish its archive.

    The content first: if it stops between the two, the next start finds the content newer than the
    archive and trains.
    """
    folder = settings.publications / str(publication.pk)
    source = folder / publication.archive
    if not source.exists():
        raise ArchiveError(f"The archive of publication {publication.pk} is not there any more.")
    for path in sorted((folder / _CONTENT).rglob("*.yml")):
        target = settings.content / path.relative_to(folder / _CONTENT)
        new = path.read_bytes()
        if not target.exists() or target.read_bytes() != new:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_suffix(".part")
            part.write_bytes(new)
            part.replace(target)
    for target in settings.content.rglob("*.yml"):
        if not (folder / _CONTENT / target.relative_to(settings.content)).exists():
            target.unlink()
    part = settings.models / f"{source.name}.part"
    settings.models.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    _link(source, part)
    part.replace(settings.models / source.name)
    archive.publish(settings, settings.models / source.name)


def _link(source: Path, target: Path) -> None:
    """Keep a file under a second name, or copy it to another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
