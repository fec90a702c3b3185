"""Kernel ridge regression over sentence vectors and lexical vectors, in closed form.

The kernel of two texts is a Gaussian of the distance of their sentence vectors, so that an example
speaks for what is near to it, plus the linear kernel of their lexical vectors, plus a constant. One
factorization fits all targets, gives exact leave-one-out scores (Rifkin & Lippert, "Notes on
Regularized Least Squares", MIT-CSAIL-TR-2007-025), has no random seed and takes seconds for ten
thousand examples (docs/decisions/009-kernel-ridge.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

#: Sharpness of the Gaussian, weight of the lexical kernel and strength of the penalty, chosen on
#: evaluation/dev.jsonl; the optimum is flat.
SHARPNESS = 1.5
LEXICAL = 0.8
PENALTY = 1.0


#: About how many leave-one-out scores are computed: enough to fit one temperature.
LEFT_OUT = 1000

#: How many rows of the kernel are made at once.
_ROWS = 1024


@dataclass(frozen=True)
class KernelRidge:
    """A fitted model: n examples, k targets.

    sentences (n, 512) unit vectors of the examples; dual (n, k); lexical (4096, k) and constant (k,)
    are the linear parts, so the lexical vectors of the examples need not be kept.
    """

    sentences: Array
    dual: Array
    lexical: Array
    constant: Array

    def scores(self, sentences: Array, lexical: Array) -> Array:
        """Return the scores (m, k) of m texts."""
        near = _gaussian(sentences @ self.sentences.T) @ self.dual
        return np.asarray(near + lexical @ self.lexical + self.constant, dtype=np.float32)


def _gaussian(cosines: Array) -> Array:
    """Return exp(-SHARPNESS * squared distance) of unit vectors with these cosines."""
    # float32 rounds the cosine of a text with itself to a little more than one.
    return np.exp(2 * SHARPNESS * (np.minimum(cosines, 1) - 1))


def fit(
    sentences: Array, lexical: Array, targets: Array, importance: Array
) -> tuple[KernelRidge, Array, npt.NDArray[np.int64]]:
    """Fit n examples with the weights `importance` (n,) to targets (n, k).

    Returns the model, exact leave-one-out scores (m, k) of an even sample of the examples, and the
    places of that sample (m,).
    """
    from scipy import linalg

    root = np.sqrt(importance)[:, None].astype(np.float32)
    # Everything in place and by rows: with 20,000 examples the matrix alone is 1.6 GB.
    matrix = sentences @ sentences.T
    for start in range(0, len(matrix), _ROWS):
        rows = slice(start, start + _ROWS)
        block = _gaussian(matrix[rows])
        block += LEXICAL**2 * (lexical[rows] @ lexical.T)
        block += 1
        block *= root[rows]
        block *= root.T
        matrix[rows] = block
    matrix[np.diag_indices(len(matrix))] += PENALTY
    # Transposed it is in the order of LAPACK, which then needs no copy; it is symmetric.
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
    model = KernelRidge(sentences, dual, LEXICAL**2 * (lexical.T @ dual), dual.sum(axis=0))
    return model, left_out.astype(np.float32), sample
