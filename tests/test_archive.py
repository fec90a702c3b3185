"""Which archive answers: only one that this installation published."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from bot import archive
from bot.errors import ArchiveError
from bot.settings import Settings, load_settings

SECRET = "a secret of more than thirty-two characters"


def installation(folder: Path, secret: str = SECRET, previous: str = "") -> Settings:
    return load_settings(
        {"CONOCE_DATA": str(folder), "CONOCE_SECRET": secret, "CONOCE_PREVIOUS_SECRET": previous}
    )


def packed(path: Path, text: str = "something") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    inside = path.with_suffix(".txt")
    inside.write_text(text)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(inside, "model")
    return path


def test_what_was_published_last_answers(tmp_path: Path) -> None:
    settings = installation(tmp_path)
    for name in ("first", "second"):
        path = packed(tmp_path / "elsewhere" / f"{name}.tar.gz")
        archive.publish(settings, path)
        assert archive.latest_archive(settings) == settings.models / path.name


def test_going_back_is_publishing_the_earlier_one(tmp_path: Path) -> None:
    settings = installation(tmp_path)
    first = archive.publish(settings, packed(tmp_path / "first.tar.gz"))
    archive.publish(settings, packed(tmp_path / "second.tar.gz"))
    archive.publish(settings, first)
    assert archive.latest_archive(settings) == first


def swapped(settings: Settings, path: Path) -> None:
    packed(path, "something else")


def cut(settings: Settings, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def gone(settings: Settings, path: Path) -> None:
    path.unlink()


def garbled(settings: Settings, path: Path) -> None:
    (settings.models / archive.POINTER).write_text('{"archive": 3')


def foreign(settings: Settings, path: Path) -> None:
    other = installation(settings.data, "another secret of more than thirty-two characters")
    archive.publish(other, path)


def nothing(settings: Settings, path: Path) -> None:
    (settings.models / archive.POINTER).unlink()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        # Somebody put another archive in its place.
        (swapped, "not signed"),
        # The disk was full.
        (cut, "broken"),
        (gone, "missing"),
        (garbled, "broken"),
        # It was published by another installation.
        (foreign, "not signed"),
        # An archive that lies there was not therefore published.
        (nothing, "no trained archive"),
    ],
)
def test_no_other_archive_is_loaded(tmp_path: Path, harm, says: str) -> None:
    settings = installation(tmp_path)
    harm(settings, archive.publish(settings, packed(tmp_path / "one.tar.gz")))
    with pytest.raises(ArchiveError, match=says):
        archive.latest_archive(settings)


def test_after_a_change_of_keys_the_archive_is_still_ours(tmp_path: Path) -> None:
    path = archive.publish(installation(tmp_path), packed(tmp_path / "one.tar.gz"))
    changed = installation(tmp_path, "a new secret of more than thirty-two characters", SECRET)
    assert archive.latest_archive(changed) == path
