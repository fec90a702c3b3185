"""`conoce ask --explain`: what the assistant saw in a text, for whoever teaches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bot.archive import latest_archive
from bot.comparison import understander_of
from bot.content import LANGUAGES, load_catalogue, read_yaml, without_lines
from bot.encoder import E5, RememberedVectors, encode
from bot.features import Normalizer
from bot.settings import Settings, content_folder
from bot.understander import Explanation

#: So many examples are shown.
NEAREST = 5


class Explainer:
    """Explains texts by the published archive."""

    def __init__(self, settings: Settings) -> None:
        self._understander = understander_of(latest_archive(settings), encode)
        entries = load_catalogue(content_folder()).entries.values()
        self._examples = [
            *((e.text, entry.intent) for entry in entries for e in entry.examples if not e.after),
            *((entry.title[language], entry.intent) for entry in entries for language in LANGUAGES),
        ]
        normalize = Normalizer(without_lines(read_yaml(content_folder() / "matching.yml"))["texting"])
        texts = [normalize(text) for text, _ in self._examples]
        # All but a few are remembered from the training.
        self._vectors = RememberedVectors(settings.vectors)(texts, remember=False)[:, E5]

    def explain(self, text: str) -> str:
        """Return the explanation as lines."""
        explanation = self._understander.explain(text)
        return "\n".join(_lines(explanation, self._nearest(explanation.read_as)))

    def _nearest(self, text: str) -> Sequence[tuple[float, str, str]]:
        similar = self._vectors @ encode([text])[0, E5]
        return [(float(similar[i]), *self._examples[i]) for i in np.argsort(-similar)[:NEAREST]]


def _lines(found: Explanation, nearest: Sequence[tuple[float, str, str]]) -> Iterator[str]:
    yield f"read as:   {found.read_as}"
    shares = ", ".join(f"{language} {share:.1f}" for language, share in found.evidence.items())
    yield f"language:  {found.detected} ({shares})"
    if found.settled:
        yield f"settled:   {found.settled} (the text of a button)"
    decision = found.decision
    shown = f", shown: {', '.join(decision.shown)}" if decision.shown else ""
    yield f"decision:  {decision.kind} {decision.intent} {decision.confidence:.3f}{shown}"
    yield f"rule:      {decision.rule}"
    yield f"gates:     happening now {found.urgent:.2f}, outside {found.outside:.2f}"
    yield "candidates:"
    for candidate in found.candidates:
        yield f"  {candidate.confidence:.3f} {candidate.intent}"
    if found.sentences:
        yield "each sentence alone:"
        for part, best in found.sentences.items():
            yield f"  {best.confidence:.3f} {best.intent}: {part}"
    yield "what each signal adds to the score:"
    for label, signals in found.signals.items():
        each = ", ".join(f"{name} {share:+.2f}" for name, share in signals.items())
        yield f"  {sum(signals.values()):+.2f} {label}: {each}"
    yield "nearest examples (e5):"
    for similarity, text, intent in nearest:
        yield f"  {similarity:.3f} {intent}: {text}"
