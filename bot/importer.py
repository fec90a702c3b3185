"""Reads the project for Rasa, and puts the catalogue into the domain.

Rasa reads YAML with a loader in plain Python, each file several times: minutes for the examples of
this project. Here each file is read once with libyaml (`bot.content.read_yaml`).

The catalogue travels inside the trained archive: Rasa gives its NLG nothing but the domain's
responses; the answers with their titles, sources and dates, the fixed texts and the organizations
ride there under one name (`CATALOGUE`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import story_graph_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content import FAQ, LANGUAGES, SMS, URGENT, Catalogue, load_catalogue, read_yaml, without_lines
from bot.errors import ArchiveError
from bot.settings import content_folder

#: The response that carries the catalogue in its metadata, and the name there.
CARRIER = "utter_fallback"
CATALOGUE = "catalogue"

#: Dialogue replies: the action's name after "utter_" and the key in data/texts.yml are the same.
_UTTER = "utter_"


class Example(Message):
    """An example that is compared and copied in no time.

    A training copies and hashes all of them some twenty times, which in Rasa's own class goes
    through each as a container of containers: half a minute for this project.
    """

    def __hash__(self) -> int:
        return hash((self.data.get(TEXT), self.data.get(INTENT)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and bool(self.data == other.data)

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        return Example(dict(self.data), set(self.output_properties), self.time)

    def fingerprint(self) -> str:
        """Return the same for the same example (see parent class)."""
        plain = json.dumps(self.data, sort_keys=True, default=str)
        return hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=16).hexdigest()


class ConoceImporter(RasaFileImporter):
    """Rasa's importer, with the catalogue and the fixed texts as responses."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        # Without the parent's `__init__`, which reads every file to see what is in it.
        self.config_file = config_file
        self._domain_path = domain_path
        given = training_data_paths or []
        files = _yaml_files([given] if isinstance(given, str) else given)
        self._data = {str(path): without_lines(read_yaml(path)) for path in files}
        self._nlu_files = [p for p, data in self._data.items() if data.keys() & {"nlu", "responses"}]
        self._story_files = [p for p, data in self._data.items() if data.keys() & {"rules", "stories"}]
        self._conversation_test_files = [
            p for p in self._story_files if YAMLStoryReader.is_test_stories_file(p)
        ]
        self._catalogue = load_catalogue(content_folder())

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples with their metadata, and the answers (see parent class).

        The metadata of an entry stay out: they are in the catalogue, and Rasa would copy and hash
        them again and again with each of its examples, which took longer than all the rest.
        """
        messages = []
        responses: dict[str, Any] = {}
        for path in self._nlu_files:
            data = self._data[path]
            responses |= data.get("responses") or {}
            for item in data.get("nlu") or ():
                for example in item.get("examples") or ():
                    messages.append(
                        Example.build(
                            text=str(example["text"]),
                            intent=str(item["intent"]),
                            example_metadata=example.get("metadata"),
                        )
                    )
        return TrainingData(messages, responses=responses)

    def get_domain(self) -> Domain:
        """Return the domain with the catalogue (see parent class)."""
        domain = super().get_domain()
        responses = dict(domain.responses)
        for action in domain.as_dict()["actions"]:
            key = str(action).removeprefix(_UTTER)
            if str(action).startswith(_UTTER):
                # What the NLG puts together (a menu, choices) has no text of its own: the name
                # stands for it, which Rasa's checks ask for and nobody is shown.
                texts = self._catalogue.texts.get(key) or dict.fromkeys(LANGUAGES, str(action))
                responses[str(action)] = _variations(texts)
        responses[CARRIER][0]["metadata"] = {CATALOGUE: pack(self._catalogue)}
        return domain.merge(Domain.from_dict({"responses": responses}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return the rules, read with the retrieval intents known (see parent class).

        Rasa adds those to the domain only later, and warns of each rule that names one.
        """
        retrieval = Domain.from_dict({"intents": [FAQ, URGENT]})
        domain = RasaFileImporter.get_domain(self).merge(retrieval)
        return story_graph_from_paths(self._story_files, domain, exclusion_percentage)


def _yaml_files(paths: Iterable[str]) -> list[Path]:
    found = {
        file for path in map(Path, paths) for file in (path.rglob("*.yml") if path.is_dir() else (path,))
    }
    return sorted(found)


def _variations(texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a fixed text in Rasa's response format."""
    found = []
    for channel, wordings in ((None, texts), (SMS, texts.get(SMS) or {})):
        for language in LANGUAGES:
            if language in wordings:
                condition = [{"type": "slot", "name": "language", "value": language}]
                response = {"condition": condition, "text": wordings[language]}
                found.append(response | ({"channel": channel} if channel else {}))
    return found


def pack(catalogue: Catalogue) -> str:
    """Return the catalogue as one short line.

    Rasa reads the domain three times with a slow YAML parser at each start: as plain data the
    catalogue would cost ten seconds there.
    """
    plain = json.dumps(catalogue.to_json(), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def catalogue_from(responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> Catalogue:
    """Return the catalogue of a trained archive's domain.

    Raises ArchiveError when it is not there.
    """
    try:
        packed = base64.b64decode(responses[CARRIER][0]["metadata"][CATALOGUE])
        return Catalogue.from_json(json.loads(zlib.decompress(packed)))
    except (KeyError, IndexError, TypeError, ValueError, zlib.error):
        raise ArchiveError(
            "The trained archive carries no answers: train it again with `conoce train`."
        ) from None
