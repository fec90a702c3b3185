"""The closed form against the plain way to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot import kernel


def problem(count: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(7)
    sentences = draw.normal(size=(count, 16)).astype(np.float32)
    sentences /= np.linalg.norm(sentences, axis=1, keepdims=True)
    lexical = csr_matrix(draw.normal(size=(count, 30)).astype(np.float32) / 5)
    targets = np.eye(4, dtype=np.float32)[draw.integers(0, 4, count)]
    return sentences, lexical, targets, draw.uniform(0.5, 2, count).astype(np.float32)


def test_leave_one_out_scores_are_those_of_leaving_one_out() -> None:
    sentences, lexical, targets, importance = problem()
    _, left_out, sample = kernel.fit(sentences, lexical, targets, importance)
    assert list(sample) == list(range(len(sentences)))
    for out in (0, 17, 39):
        others = np.arange(len(sentences)) != out
        model, *_ = kernel.fit(sentences[others], lexical[others], targets[others], importance[others])
        alone = model.scores(sentences[out : out + 1], lexical[out : out + 1].toarray())[0]
        assert np.allclose(alone, left_out[out], atol=1e-3)


def test_rows_at_a_time_change_nothing() -> None:
    whole, *_ = kernel.fit(*problem())
    kernel_rows, kernel._ROWS = kernel._ROWS, 7
    try:
        parts, *_ = kernel.fit(*problem())
    finally:
        kernel._ROWS = kernel_rows
    assert np.allclose(whole.dual, parts.dual, atol=1e-4)


def test_an_example_scores_highest_for_its_own_class() -> None:
    sentences, lexical, targets, importance = problem()
    model, *_ = kernel.fit(sentences, lexical, targets, importance)
    scores = model.scores(sentences, lexical.toarray())
    assert (scores.argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.9


def test_a_small_change_is_learnt_almost_as_by_a_whole_training(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences, lexical, targets, importance = problem(200)
    old = np.arange(200) >= 6
    before, *_ = kernel.fit(sentences[old], lexical[old], targets[old], importance[old])
    whole, *_ = kernel.fit(sentences, lexical, targets, importance)
    centred = kernel.centred(sentences, before.centre)
    dual = np.zeros_like(targets)
    dual[old] = before.dual
    residual = np.zeros_like(targets)
    known = kernel.kernel_of(centred[~old], centred[old], lexical[~old], lexical[old])
    residual[~old] = targets[~old] - known @ before.dual
    # A small problem is less smooth than thirty thousand examples and wants more passes.
    monkeypatch.setattr(kernel, "_REFINED", 40)
    monkeypatch.setattr(kernel, "PASSES", 12)
    refined = kernel.refine(centred, lexical, targets, importance, dual, residual)
    model = kernel.model_of(before.centre, centred, refined, lexical)

    def error(of: kernel.KernelRidge) -> float:
        right = whole.scores(sentences[~old], lexical[~old].toarray())
        return float(np.abs(of.scores(sentences[~old], lexical[~old].toarray()) - right).mean())

    assert error(model) < 0.1 * error(before)
