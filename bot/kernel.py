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
        # float32 rounds a text's distance from itself to a little less than nothing.
        distances = np.maximum(2 - 2 * (sentences @ self.sentences.T), 0)
        near = np.exp(-SHARPNESS * distances) @ self.dual
        return np.asarray(near + lexical @ self.lexical + self.constant, dtype=np.float32)


def fit(sentences: Array, lexical: Array, targets: Array, importance: Array) -> tuple[KernelRidge, Array]:
    """Fit n examples with the weights `importance` (n,) to targets (n, k).

    Returns the model and the leave-one-out scores (n, k).
    """
    from scipy import linalg

    root = np.sqrt(importance)[:, None].astype(np.float32)
    matrix = np.exp(-SHARPNESS * np.maximum(2 - 2 * (sentences @ sentences.T), 0))
    matrix += LEXICAL**2 * (lexical @ lexical.T)
    matrix += 1
    matrix *= root
    matrix *= root.T
    matrix[np.diag_indices(len(matrix))] += PENALTY
    # In place: with ten thousand examples the matrix is 400 MB.
    factor = linalg.cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)
    solved = linalg.cho_solve((factor, True), root * targets, check_finite=False)
    inverse, _ = linalg.lapack.strtri(factor, lower=1, overwrite_c=1)
    left_out = targets - solved / np.einsum("ij,ij->j", inverse, inverse)[:, None] / root
    dual = (root * solved).astype(np.float32)
    model = KernelRidge(sentences, dual, LEXICAL**2 * (lexical.T @ dual), dual.sum(axis=0))
    return model, left_out.astype(np.float32)
