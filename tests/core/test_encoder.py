"""Both encoders, and the memory of their vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot import encoder
from bot.encoder import DIMENSIONS, E5, USE, RememberedVectors, encode

TEXTS = ["can ice come in my house", "¿cuándo renuevo mi DACA?", "", "\ud800", "🙏" * 2000]


def test_vectors_are_unit_vectors_of_both_encoders() -> None:
    vectors = encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    for part in (USE, E5):
        assert np.allclose(np.linalg.norm(vectors[:, part], axis=1), 1, atol=1e-3)


def test_a_text_is_read_alike_alone_and_among_others() -> None:
    assert np.allclose(encode(TEXTS)[1], encode(TEXTS[1:2])[0], atol=1e-3)


def test_both_languages_lie_near_each_other() -> None:
    near, far = encode(["when do I renew my DACA?"]), encode(["who won the game last night?"])
    assert float((near @ encode(TEXTS[1:2]).T)[0, 0]) > float((far @ encode(TEXTS[1:2]).T)[0, 0])


def test_what_is_remembered_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vectors.npz"
    first = RememberedVectors(path)(TEXTS[:2])
    monkeypatch.setattr(encoder, "encode", lambda texts: pytest.fail(f"read again: {texts}"))
    assert np.array_equal(RememberedVectors(path)(TEXTS[1::-1]), first[::-1])


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_broken_memory_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.npz"
    path.write_bytes(content)
    assert RememberedVectors(path)(TEXTS[:1]).shape == (1, DIMENSIONS)
    assert RememberedVectors(path)(TEXTS[:1]).shape == (1, DIMENSIONS)
