"""Kernel ridge regression over sentence vectors and lexical vectors, in closed form.

The kernel of two texts is, for each view of them (each encoder), a Gaussian of the distance of their
sentence vectors, so that an example speaks for what is near to it, plus the linear kernel of their
lexical vectors, plus a constant. One
factorization fits all targets, gives exact leave-one-out scores (Rifkin & Lippert, "Notes on
Regularized Least Squares", MIT-CSAIL-TR-2007-025), has no random seed and takes seconds for ten
thousand examples (docs/decisions/009-kernel-ridge.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoder import E5, USE

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """What one encoder sees: the columns of its unit vectors, and the Gaussian over them."""

    columns: slice
    weight: float
    sharpness: float

    def kernel(self, left: Array, right: Array) -> Array:
        """Return weight * exp(-sharpness * squared distance) of rows (m, d) and (n, d): (m, n)."""
        cosines = left[:, self.columns] @ right[:, self.columns].T
        # float32 rounds the cosine of a text with itself to a little more than one.
        np.minimum(cosines, 1, out=cosines)
        cosines -= 1
        cosines *= 2 * self.sharpness
        np.exp(cosines, out=cosines)
        cosines *= self.weight
        return np.asarray(cosines)


#: The views, the weight of the lexical kernel and the strength of the penalty were chosen on
#: evaluation/dev.jsonl; the optimum is flat.
VIEWS = (View(USE, 1.0, 1.0), View(E5, 2.0, 1.0))
LEXICAL = 0.8
PENALTY = 1.0

#: About how many leave-one-out scores are computed: enough to fit one temperature.
LEFT_OUT = 1000

#: Passes of `refine`, and how many rows each looks at twice over. After two the scores differ from
#: those of a whole training by less than the calibration does.
PASSES, _REFINED = 2, 1500

#: How many rows of the kernel are made at once.
_ROWS = 1024


@dataclass(frozen=True)
class KernelRidge:
    """A fitted model: n examples, k targets.

    centre (d,) is what all sentence vectors have in common (`centred`); sentences (n, d) are those
    of the examples, centred; dual (n, k); lexical (4096, k) and constant (k,) are the linear parts,
    so the lexical vectors of the examples need not be kept.
    """

    centre: Array
    sentences: Array
    dual: Array
    lexical: Array
    constant: Array

    def scores(self, sentences: Array, lexical: Array) -> Array:
        """Return the scores (m, k) of m texts."""
        near = _near(centred(sentences, self.centre), self.sentences) @ self.dual
        return np.asarray(near + lexical @ self.lexical + self.constant, dtype=np.float32)

    def shares(self, sentences: Array, lexical: Array) -> dict[str, Array]:
        """Return what each signal adds to the scores (m, k): they sum to `scores`."""
        moved = centred(sentences, self.centre)
        names = ("use", "e5")
        near = {
            name: view.kernel(moved, self.sentences) @ self.dual
            for name, view in zip(names, VIEWS, strict=True)
        }
        return {**near, "words": lexical @ self.lexical, "always": self.constant[None, :]}


def centre_of(sentences: Array) -> Array:
    """Return the mean of e5's vectors, which all lie in one corner of their space; 0 for USE."""
    centre = sentences.mean(axis=0)
    centre[USE] = 0
    return centre


def centred(sentences: Array, centre: Array) -> Array:
    """Return sentence vectors without what they have in common, each view a unit vector again."""
    moved = sentences - centre
    for view in VIEWS:
        part = moved[:, view.columns]
        part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9)
    return moved


def _near(left: Array, right: Array) -> Array:
    """Return the sum of the kernels of all views."""
    total = VIEWS[0].kernel(left, right)
    for view in VIEWS[1:]:
        total += view.kernel(left, right)
    return total


def kernel_of(left: Array, right: Array, left_words: Any, right_words: Any) -> Array:
    """Return the whole kernel of centred vectors (m, d), (n, d) and sparse lexical vectors: (m, n)."""
    block = _near(left, right)
    block += LEXICAL**2 * (left_words @ right_words.T).toarray()
    block += 1
    return block


def fit(
    sentences: Array, lexical: Any, targets: Array, importance: Array
) -> tuple[KernelRidge, Array, npt.NDArray[np.int64]]:
    """Fit n examples with the weights `importance` (n,) to targets (n, k).

    sentences (n, d) are those of the encoders, not centred; lexical (n, 4096) is a sparse matrix.

    Returns the model, exact leave-one-out scores (m, k) of an even sample of the examples, and the
    places of that sample (m,).
    """
    from scipy import linalg

    root = np.sqrt(importance)[:, None].astype(np.float32)
    centre = centre_of(sentences)
    sentences = centred(sentences, centre)
    # Everything in place and by rows: with 30,000 examples the matrix alone is 3.6 GB.
    matrix = np.zeros((len(sentences), len(sentences)), dtype=np.float32)
    for start in range(0, len(matrix), _ROWS):
        # It is symmetric: what is right of the diagonal is enough.
        rows, rest = slice(start, start + _ROWS), slice(start, None)
        block = kernel_of(sentences[rows], sentences[rest], lexical[rows], lexical[rest])
        block *= root[rows]
        block *= root[rest].T
        matrix[rows, rest] = block
    matrix[np.diag_indices(len(matrix))] += PENALTY
    # Transposed it is in the order of LAPACK, which then needs no copy.
    factor = linalg.cholesky(matrix.T, lower=True, overwrite_a=True, check_finite=False)
    solved = linalg.cho_solve((factor, True), root * targets, check_finite=False)
    # The leave-one-out score needs the diagonal of the inverse: one solution for each example.
    sample = np.arange(0, len(matrix), max(1, len(matrix) // LEFT_OUT))
    units = np.zeros((len(matrix), len(sample)), dtype=np.float32, order="F")
    units[sample, np.arange(len(sample))] = 1
    inverse = linalg.cho_solve((factor, True), units, overwrite_b=True, check_finite=False)
    diagonal = inverse[sample, np.arange(len(sample))]
    left_out = targets[sample] - solved[sample] / diagonal[:, None] / root[sample]
    dual = (root * solved).astype(np.float32)
    return model_of(centre, sentences, dual, lexical), left_out.astype(np.float32), sample


def refine(
    sentences: Array, lexical: Any, targets: Array, importance: Array, dual: Array, residual: Array
) -> Array:
    """Return a solution for n examples from one that is nearly right, in some seconds.

    sentences (n, d) are centred; `dual` (n, k) is the start and `residual` (n, k) what it leaves of
    the targets. Each pass solves exactly for the rows that are furthest off and an even sample of
    all, which carries what is common to all (block Gauss-Seidel).
    """
    from scipy import linalg

    penalty = PENALTY / importance
    draw = np.random.default_rng(len(sentences))
    for _ in range(PASSES):
        furthest = np.argsort(-np.abs(residual).max(axis=1))[:_REFINED]
        block = np.union1d(furthest, draw.permutation(len(sentences))[:_REFINED])
        columns = kernel_of(sentences, sentences[block], lexical, lexical[block])
        square = columns[block]
        square[np.diag_indices(len(block))] += penalty[block]
        change = linalg.solve(square, residual[block], assume_a="pos", check_finite=False)
        dual[block] += change
        residual -= columns @ change
        residual[block] -= penalty[block, None] * change
    return dual


def model_of(centre: Array, sentences: Array, dual: Array, lexical: Any) -> KernelRidge:
    """Return the model of a solution; sentences are centred."""
    return KernelRidge(centre, sentences, dual, LEXICAL**2 * (lexical.T @ dual), dual.sum(axis=0))
