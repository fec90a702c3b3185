"""The trained archive: where it lies, and making one."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from bot.errors import ArchiveError, ContentError
from bot.settings import ROOT, Settings

#: What a training reads; a newer one of these makes the archive out of date.
SOURCES = ("config.yml", "domain.yml", "data", "bot")


def latest_archive(settings: Settings) -> Path:
    """Return the newest archive. Raises ArchiveError when there is none or it is broken."""
    archives = sorted(settings.models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not archives:
        raise ArchiveError(f"There is no trained archive in {settings.models}: make one with `conoce train`.")
    newest = archives[-1]
    if not tarfile.is_tarfile(newest):
        raise ArchiveError(f"The archive {newest} is broken: delete it and run `conoce train`.")
    return newest


def is_current(settings: Settings) -> bool:
    """Whether there is an archive newer than everything that it is made from."""
    try:
        made = latest_archive(settings).stat().st_mtime
    except ArchiveError:
        return False
    paths = (ROOT / name for name in SOURCES)
    files = (f for path in paths for f in (path.rglob("*") if path.is_dir() else (path,)))
    return all(f.stat().st_mtime <= made for f in files if f.suffix in (".py", ".yml"))


def train(settings: Settings, keep: int = 3) -> Path:
    """Train a new archive and return its path; all but the newest `keep` are deleted.

    Raises ContentError or ArchiveError when nothing could be trained.
    """
    from rasa.model_training import train as rasa_train

    settings.models.mkdir(parents=True, exist_ok=True)
    # Rasa keeps its cache of trained parts beside the project otherwise.
    with tempfile.TemporaryDirectory(dir=settings.data) as folder:
        try:
            result = rasa_train(
                domain=str(ROOT / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=[str(ROOT / "data" / "nlu"), str(ROOT / "data" / "stories")],
                output=folder,
                force_training=True,
            )
        except ContentError:
            raise
        except Exception as error:
            raise ArchiveError(f"Training failed ({type(error).__name__}: {error}).") from error
        if result.code != 0 or not result.model:
            raise ArchiveError("Training failed: `conoce check` says what is wrong with the content.")
        archive = settings.models / Path(result.model).name
        shutil.move(result.model, archive)
    for old in sorted(settings.models.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)[:-keep]:
        old.unlink()
    return archive
