"""Publishing: content and archive together, and back; nothing unchecked, nothing by accident."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from bot import archive
from bot.candidate import ARCHIVE, PROGRESS, RESULT, digest_of
from bot.settings import ROOT, Settings
from staff.audit.models import Event
from staff.publish import publication
from staff.publish.check import Check
from staff.publish.models import Publication
from staff.teach.workspace import draft

SAID = "is the coperacha for my uncle allowed"

pytestmark = pytest.mark.django_db


@pytest.fixture
def installation(tmp_path: Path, settings: Any) -> Iterator[Settings]:
    """An installation with content and a published archive, of which only the name matters here."""
    shutil.copytree(ROOT / "data" / "nlu", tmp_path / "content" / "nlu")
    for path in (ROOT / "data").glob("*.yml"):
        shutil.copy(path, tmp_path / "content")
    own = replace(django_settings.INSTALLATION, data=tmp_path / "data", content=tmp_path / "content")
    settings.INSTALLATION = own
    archive.publish(own, packed(tmp_path / "first.tar.gz"))
    yield own


def packed(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(ROOT / "README.md", path.name)
    return path


def checked(installation: Settings, **result: Any) -> None:
    """Leave what a finished check leaves."""
    folder = installation.data / "candidate"
    made = packed(folder / ARCHIVE / "second.tar.gz")
    plain = {"problems": [], "gained": [], "lost": [], "harmful": [], "worse": False, "questions": 2}
    found = {**plain, "right_before": 1, "right_after": 1, "archive": made.name, **result}
    found.setdefault("digest", digest_of(draft().folder))
    (folder / RESULT).write_text(json.dumps(found))


def taught() -> None:
    draft().add_example("detention_bond", SAID, "en")


def test_what_was_checked_is_published_and_can_be_taken_back(installation: Settings, editor: Client) -> None:
    taught()
    checked(installation, gained=[{"text": "a", "expect": "b", "before": "c", "after": "d"}])
    page = editor.get("/publish/").content.decode()
    assert "detention_bond" in page and "/publish/now/" in page
    editor.post("/publish/now/")
    assert archive.latest_archive(installation).name == "second.tar.gz"
    assert SAID in (installation.content / "nlu/faq/detention.yml").read_text()
    assert not draft().exists
    first, second = Publication.objects.order_by("id")
    assert (first.archive, second.archive, second.gained) == ("first.tar.gz", "second.tar.gz", 1)
    assert second.changes == [["detention_bond", "+1"]]
    editor.post(f"/publish/back/{first.pk}/")
    assert archive.latest_archive(installation).name == "first.tar.gz"
    assert (
        digest_of(installation.content) == digest_of(ROOT / "data")
        or SAID not in (installation.content / "nlu/faq/detention.yml").read_text()
    )
    assert list(Event.objects.values_list("action", flat=True)[:2]) == ["rolled_back", "published"]


def changed_since(installation: Settings) -> dict[str, Any]:
    checked(installation)
    draft().add_example("detention_bond", "one more question about bond", "en")
    return {}


def with_problems(installation: Settings) -> dict[str, Any]:
    checked(installation, problems=["nlu/faq/detention.yml:3: a stray brace"])
    return {}


def never_checked(installation: Settings) -> dict[str, Any]:
    return {}


def without_archive(installation: Settings) -> dict[str, Any]:
    checked(installation)
    shutil.rmtree(installation.data / "candidate" / ARCHIVE)
    return {}


def worse(installation: Settings) -> dict[str, Any]:
    checked(installation, worse=True)
    return {}


def stale(installation: Settings) -> dict[str, Any]:
    checked(installation)
    file = installation.content / "nlu/faq/daca.yml"
    file.write_text(file.read_text() + "# changed by somebody else\n")
    return {}


@pytest.mark.parametrize(
    "why",
    [
        # The check was of another draft.
        changed_since,
        # The check found something: the message says where.
        with_problems,
        never_checked,
        without_archive,
        # More was lost than luck explains, and nobody confirmed it.
        worse,
        # Somebody changed the published files meanwhile, and nobody confirmed that.
        stale,
    ],
)
def test_what_must_not_be_published_is_not(installation: Settings, editor: Client, why: Any) -> None:
    taught()
    posted = why(installation)
    page = editor.post("/publish/now/", posted, follow=True).content.decode()
    assert 'class="error"' in page
    assert archive.latest_archive(installation).name == "first.tar.gz"
    assert SAID not in (installation.content / "nlu/faq/detention.yml").read_text()
    assert draft().exists
    assert not Publication.objects.exists()


@pytest.mark.parametrize(("why", "confirmed"), [(worse, "anyway"), (stale, "undo")])
def test_what_somebody_confirms_is_published(
    installation: Settings, editor: Client, why: Any, confirmed: str
) -> None:
    taught()
    why(installation)
    if why is stale:
        assert 'name="undo"' in editor.get("/publish/").content.decode()
    editor.post("/publish/now/", {confirmed: "on"})
    assert archive.latest_archive(installation).name == "second.tar.gz"


def test_nobody_publishes_their_own_changes_when_a_second_person_must(
    installation: Settings, editor: Client, administrator: Client, settings: Any
) -> None:
    settings.SECOND_PERSON = True
    taught()
    from staff.accounts.models import User
    from staff.teach.models import Change

    author = User.objects.get(pk=editor.session["_auth_user_id"])
    Change.objects.create(entry="detention_bond", who=author, fields="examples")
    checked(installation)
    editor.post("/publish/now/")
    assert archive.latest_archive(installation).name == "first.tar.gz"
    administrator.post("/publish/now/")
    assert archive.latest_archive(installation).name == "second.tar.gz"


def test_only_the_last_publications_are_kept(installation: Settings, editor: Client) -> None:
    for number in range(publication.KEPT + 2):
        draft().add_example("detention_bond", f"{SAID} number {number}", "en")
        checked(installation)
        editor.post("/publish/now/")
    kept = publication.possible(installation)
    assert len(kept) == publication.KEPT
    assert {p.name for p in installation.publications.iterdir()} == {str(p.pk) for p in kept}


def test_a_check_that_dies_says_so(installation: Settings, editor: Client) -> None:
    taught()
    folder = installation.data / "candidate"
    folder.mkdir(parents=True)
    (folder / PROGRESS).write_text('{"step": "training", "share": 0.4}')
    done = subprocess.Popen([sys.executable, "-c", ""])
    (installation.data / "candidate.process").write_text(str(done.pid))
    done.wait()
    assert Check(installation, draft().folder).state().failed
    assert "/publish/check/" in editor.get("/publish/").content.decode()


def test_a_running_check_shows_how_far_it_is(installation: Settings, editor: Client) -> None:
    taught()
    folder = installation.data / "candidate"
    folder.mkdir(parents=True)
    (folder / PROGRESS).write_text('{"step": "training", "share": 0.4}')
    running = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", "candidate"], stdin=-1)
    (installation.data / "candidate.process").write_text(str(running.pid))
    try:
        assert 'value="40"' in editor.get("/publish/progress/").content.decode()
        assert not Check(installation, draft().folder).start()
    finally:
        running.communicate()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_bad_content_is_refused_with_its_place(installation: Settings, tmp_path: Path) -> None:
    """The real command on a draft with a wrong phone in one language: nothing is trained."""
    taught()
    file = draft().folder / "nlu/faq/detention.yml"
    text = file.read_text()
    number = next(word for word in text.split() if word.startswith("1-") and text.count(word) > 1)
    file.write_text(text.replace(number, "1-800-555-0100", 1))
    environment = {
        **os.environ,
        "CONOCE_DATA": str(installation.data),
        "CONOCE_CONTENT": str(draft().folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "candidate", str(tmp_path / "out")],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    result = json.loads((tmp_path / "out" / RESULT).read_text())
    assert any(problem.startswith("nlu/faq/detention.yml:") for problem in result["problems"])
    assert not (tmp_path / "out" / ARCHIVE).exists()
