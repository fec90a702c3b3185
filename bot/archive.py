"""The trained archive: where it lies, and making one."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ArchiveError, ContentError
from bot.settings import ROOT, Settings

#: What a training reads beside the content; a newer one of these makes the archive out of date.
SOURCES = ("config.yml", "domain.yml", "bot")

#: Which archive answers, with its signature.
POINTER = "published.json"


def latest_archive(settings: Settings) -> Path:
    """Return the published archive, after checking that it is what this installation published.

    Raises ArchiveError when there is none, or it is broken, or the signature is not of our key.
    """
    pointer = settings.models / POINTER
    try:
        published = json.loads(pointer.read_text(encoding="utf-8"))
        path = settings.models / Path(published["archive"]).name
        signature = str(published["signature"])
    except FileNotFoundError:
        raise ArchiveError(
            f"There is no trained archive in {settings.models}: make one with `conoce train`."
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ArchiveError(f"{pointer} is broken: delete it and run `conoce train`.") from None
    if not path.exists():
        raise ArchiveError(f"The archive {path} is missing: make one with `conoce train`.")
    if not any(hmac.compare_digest(signature, each) for each in _signatures(settings, path)):
        raise ArchiveError(
            f"The archive {path} is broken, or not signed with this installation's CONOCE_SECRET: "
            "make a new one with `conoce train`."
        )
    if not tarfile.is_tarfile(path):
        raise ArchiveError(f"The archive {path} is broken: delete it and run `conoce train`.")
    return path


def publish(settings: Settings, path: Path) -> Path:
    """Make an archive the one that answers; a running assistant takes it within seconds.

    Moves it among the archives if it is not there; returns where it lies.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    target = settings.models / path.name
    if path != target:
        shutil.move(path, target)
    # It is newer than the content that was published with it (`is_current`).
    target.touch()
    pointer = settings.models / POINTER
    part = pointer.with_suffix(".part")
    part.write_text(json.dumps({"archive": target.name, "signature": next(_signatures(settings, target))}))
    part.replace(pointer)
    return target


def _signatures(settings: Settings, path: Path) -> Iterator[str]:
    """Yield the archive's signature with the current key, then with the previous."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    for secret in filter(None, (settings.secret, settings.previous_secret)):
        key = hmac.new(secret.encode(), b"archive", hashlib.sha256).digest()
        yield hmac.new(key, digest, hashlib.sha256).hexdigest()


def is_current(settings: Settings) -> bool:
    """Whether there is an archive newer than everything that it is made from."""
    try:
        made = latest_archive(settings).stat().st_mtime
    except ArchiveError:
        return False
    paths = (*(ROOT / name for name in SOURCES), settings.content)
    files = (f for path in paths for f in (path.rglob("*") if path.is_dir() else (path,)))
    return all(f.stat().st_mtime <= made for f in files if f.suffix in (".py", ".yml"))


def train(settings: Settings, keep: int = 3) -> Path:
    """Train a new archive, publish it and return its path.

    All but the newest `keep` archives are deleted, those of the staff's publications excepted.
    Raises ContentError or ArchiveError when nothing could be trained.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    archive = publish(settings, build(settings, settings.models))
    published = {Path(p).name for p in settings.publications.glob("*/*.tar.gz")}
    kept = [p for p in settings.models.glob("*.tar.gz") if p.name not in published]
    for old in sorted(kept, key=lambda p: p.stat().st_mtime)[:-keep]:
        old.unlink()
    return archive


def build(settings: Settings, folder: Path) -> Path:
    """Train an archive of the content into a folder, publish nothing, and return its path.

    Raises ContentError or ArchiveError when nothing could be trained.
    """
    from rasa.model_training import train as rasa_train

    content = settings.content
    # Rasa keeps its cache of trained parts beside the project otherwise.
    with tempfile.TemporaryDirectory(dir=settings.data) as work:
        try:
            result = rasa_train(
                domain=str(ROOT / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=[str(content / "nlu"), str(content / "stories")],
                output=work,
                force_training=True,
            )
        except ContentError:
            raise
        except Exception as error:
            raise ArchiveError(f"Training failed ({type(error).__name__}: {error}).") from error
        if result.code != 0 or not result.model:
            raise ArchiveError("Training failed: `conoce check` says what is wrong with the content.")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(result.model, folder / Path(result.model).name))
