"""Thin Rasa graph components over the core."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import RESPONSE_SELECTOR_PROPERTY_NAME
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_RANKING_KEY,
    METADATA,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content import FAQ, URGENT, load_catalogue
from bot.encoder import RememberedVectors
from bot.errors import ArchiveError
from bot.fitted import START
from bot.matcher import LabelledExample
from bot.settings import ROOT, content_folder, load_settings
from bot.understander import Understander
from bot.understanding import KEY, Understanding

_RETRIEVAL_INTENTS = (FAQ, URGENT)

#: What the component does depends on these files too; without them in its fingerprint Rasa would
#: take an old one from its cache when only a helper changed.
_HELPERS = (
    "bot/encoder.py",
    "bot/decision.py",
    "bot/features.py",
    "bot/fitted.py",
    "bot/kernel.py",
    "bot/language.py",
    "bot/matcher.py",
    "bot/replies.py",
    "bot/reporting.py",
    "bot/understander.py",
    "bot/understanding.py",
    "data/language.yml",
    "data/matching.yml",
    "data/reporting.yml",
    "data/texts.yml",
)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class ConoceUnderstanding(GraphComponent):
    """Tells language and intent, and decides, with the conversation in view."""

    def __init__(
        self, model_storage: ModelStorage, resource: Resource, understander: Understander | None
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._understander = understander

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Create an untrained component (see parent class)."""
        return cls(model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> GraphComponent:
        """Load a trained component (see parent class)."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Understander.load(folder))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Add the helpers that Rasa does not see to the fingerprint."""
        digest = hashlib.sha256()
        for name in _HELPERS:
            path = Path(ROOT) / name
            digest.update(path.read_bytes() if path.exists() else b"")
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples of all intents (see parent class)."""
        examples = []
        for message in training_data.intent_examples:
            metadata = message.get(METADATA) or {}
            own = metadata.get("example") or {}
            examples.append(
                LabelledExample(
                    text=message.get(TEXT),
                    intent=message.get_full_intent(),
                    language=str(own.get("language", "")),
                    kind=str(own.get("kind", "")),
                    after=str(own.get("after", "")),
                )
            )
        installation = load_settings()
        encode = RememberedVectors(installation.vectors)
        # A draft starts from what is remembered of the last whole training, and is not remembered.
        remember = None if START.get() else installation.fitted
        self._understander = Understander.train(examples, load_catalogue(content_folder()), encode, remember)
        with self._model_storage.write_to(self._resource) as folder:
            self._understander.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data unchanged: no later component reads features."""
        return training_data

    def process(
        self,
        messages: list[Message],
        tracker: Optional[DialogueStateTracker] = None,  # noqa: UP045 - Rasa checks no `X | None`
    ) -> list[Message]:
        """Set intent, selected response and the whole understanding.

        `tracker` holds the conversation before this message; tests of Rasa give none.
        """
        if self._understander is None:
            raise ArchiveError("The archive holds no trained matcher: run `conoce train`.")
        for message in messages:
            metadata = message.get(METADATA) or {}
            understood = self._understander.understand(
                message.get(TEXT) or "",
                previous=_previous(tracker),
                chosen=metadata.get("language"),
                reason=metadata.get("reason", ""),
            ).with_redacted(tuple(metadata.get("redacted", ())))
            _put(message, understood)
        return messages


def _previous(tracker: DialogueStateTracker | None) -> Understanding | None:
    """Return what was understood of the message before; nothing after a new session."""
    if tracker is None:
        return None
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            data = (event.parse_data or {}).get(KEY)
            return Understanding.from_json(data) if data else None
        if isinstance(event, ActionExecuted) and event.action_name == "action_session_start":
            return None
    return None


def _put(message: Message, understood: Understanding) -> None:
    outer, _, key = understood.intent.partition("/")
    ranking = [{"name": outer, "confidence": understood.confidence}]
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
    message.set(KEY, understood.to_json(), add_to_output=True)
    selected: dict[str, Any] = {"all_retrieval_intents": list(_RETRIEVAL_INTENTS)}
    if key:
        selected[outer] = {
            "response": {
                "responses": [],
                "confidence": understood.confidence,
                "intent_response_key": understood.intent,
                "utter_action": f"utter_{understood.intent}",
            },
            "ranking": [],
        }
    message.set(RESPONSE_SELECTOR_PROPERTY_NAME, selected, add_to_output=True)
