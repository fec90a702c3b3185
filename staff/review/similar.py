"""Groups questions that ask for the same, in either language, by the matcher's vectors.

Vectors stay in the memory of the process, under a hash of their text. They are computed in the
background: the page shows what is known so far.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from bot.content import read_yaml, without_lines
from bot.features import Normalizer, exact_form
from bot.settings import content_folder
from staff.review.answers import answers
from staff.review.queues import Item

Vectors = npt.NDArray[np.float32]

#: Likeness from which two questions are of one group. Of 22 needs in the words of people, all had
#: their English and their Spanish question above it, and of questions of two needs 1 pair in 115.
NEAR = 0.5

#: How much the first encoder counts: it is the better one between the languages.
_USE_SHARE = 0.65

#: The encoders take ICE for ice, and do not know who "la migra" is.
_AGENCY = {"ice": "immigration", "migra": "inmigración"}

#: A wording that came in so many conversations points to nobody.
COMMON = 3

_REMEMBERED = 5_000
_BATCH = 16

#: Questions of so many answers tell what all questions here have in common.
_REFERENCE = 16


@dataclass(frozen=True)
class Wording:
    """One way to ask, as it came first; spelling of case, accents and marks aside."""

    items: tuple[Item, ...]

    @property
    def text(self) -> str:
        """A sample."""
        return self.items[0].text

    @cached_property
    def read(self) -> str:
        """The text as the encoders read it."""
        return _spelling()(self.text)

    @property
    def language(self) -> str:
        """The language of the sample."""
        return self.items[0].turn.language

    @property
    def turns(self) -> list[int]:
        """All turns that are treated with it."""
        return [turn for item in self.items for turn in item.turns]

    @property
    def common(self) -> bool:
        """Whether it came in so many conversations that it points to nobody."""
        return len({item.turn.conversation for item in self.items}) >= COMMON


@dataclass(frozen=True)
class Group:
    """Wordings that ask for the same."""

    wordings: tuple[Wording, ...]

    @property
    def items(self) -> list[Item]:
        """All questions of the group."""
        return [item for wording in self.wordings for item in wording.items]

    @property
    def count(self) -> int:
        """How many questions it has."""
        return len(self.items)

    @property
    def languages(self) -> list[str]:
        """The languages in which they were asked."""
        return sorted({item.turn.language for item in self.items})


class Memory:
    """The vectors of the texts that were seen last."""

    def __init__(self) -> None:
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self._learning = threading.Lock()

    def known(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """Return the vectors of those texts that have one."""
        found = {}
        with self._lock:
            for text in texts:
                key = _key(text)
                if key in self._vectors:
                    self._vectors.move_to_end(key)
                    found[text] = self._vectors[key]
        return found

    def learn(self, texts: Sequence[str]) -> None:
        """Compute the vectors of texts. One thread at a time: more would only be slower."""
        from bot.encoder import encode

        with self._learning:
            known = self.known(texts)
            missing = [text for text in dict.fromkeys(texts) if text not in known]
            for start in range(0, len(missing), _BATCH):
                batch = missing[start : start + _BATCH]
                vectors = encode(batch)
                with self._lock:
                    self._vectors.update(zip(map(_key, batch), vectors, strict=True))
                    while len(self._vectors) > _REMEMBERED:
                        self._vectors.popitem(last=False)

    def learn_in_background(self, texts: Sequence[str]) -> None:
        """Begin to compute vectors, unless that goes on already."""
        if not self._learning.locked():
            threading.Thread(target=self.learn, args=[list(texts)], daemon=True).start()


MEMORY = Memory()


def wordings_of(items: Iterable[Item]) -> list[Wording]:
    """Put questions in the same words together, those that came most first."""
    together: dict[str, list[Item]] = {}
    for item in items:
        together.setdefault(exact_form(item.text), []).append(item)
    return sorted((Wording(tuple(same)) for same in together.values()), key=lambda w: -len(w.items))


def grouped(wordings: Sequence[Wording], wait: bool = False) -> tuple[list[Group], int]:
    """Return the groups, biggest first, and how many wordings have no vector yet.

    `wait` computes them all first. A wording without a vector is a group of its own meanwhile.
    """
    texts = [*_reference(), *(wording.read for wording in wordings)]
    if wait:
        MEMORY.learn(texts)
    known = MEMORY.known(texts)
    missing = sum(wording.read not in known for wording in wordings)
    if len(known) < len(set(texts)):
        MEMORY.learn_in_background(texts)
        if any(text not in known for text in _reference()):
            missing, known = len(wordings), {}
    groups = _gather(wordings, known)
    return sorted((Group(tuple(group)) for group in groups), key=lambda g: -g.count), missing


def _gather(wordings: Sequence[Wording], known: Mapping[str, Vectors]) -> list[list[Wording]]:
    """Join what is most alike, then groups, as long as their wordings are near enough on average."""
    from scipy.cluster.hierarchy import fcluster, linkage

    groups = [[wording] for wording in wordings if wording.read not in known]
    with_vector = [wording for wording in wordings if wording.read in known]
    if len(with_vector) < 2:
        return [*groups, *([wording] for wording in with_vector)]
    vectors = _own(np.array([known[wording.read] for wording in with_vector]), known)
    likeness = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    tree = linkage(np.clip(1 - likeness, 0, 2), "average")
    together: dict[int, list[Wording]] = {}
    for wording, group in zip(with_vector, fcluster(tree, 1 - NEAR, "distance"), strict=True):
        together.setdefault(int(group), []).append(wording)
    return [*groups, *together.values()]


def _own(vectors: Vectors, known: Mapping[str, Vectors]) -> Vectors:
    """Return unit vectors of what each text has of its own, in both encoders."""
    from bot.encoder import E5, USE

    own = vectors - np.mean([known[text] for text in _reference()], axis=0)
    for part, share in ((USE, _USE_SHARE), (E5, 1 - _USE_SHARE)):
        lengths = np.linalg.norm(own[:, part], axis=1, keepdims=True)
        own[:, part] *= np.sqrt(share) / np.maximum(lengths, 1e-9)
    return own.astype(np.float32)


def _reference() -> list[str]:
    known = list(answers().by_intent.values())
    chosen = known[:: max(1, len(known) // _REFERENCE)]
    return [_spelling()(text) for answer in chosen for text in answer.asked.values()]


@lru_cache(maxsize=1)
def _spelling() -> Normalizer:
    """Return what writes out the spelling of texting, as the matcher does (data/matching.yml)."""
    texting = without_lines(read_yaml(content_folder() / "matching.yml"))["texting"]
    return Normalizer({**texting, **_AGENCY})


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
