"""Puts the catalogue into the domain, so that it travels inside the trained archive.

Rasa gives its NLG nothing but the domain's responses; the answers with their titles, sources and
dates, the fixed texts and the organizations ride there under one name (`CATALOGUE`).
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter

from bot.content import LANGUAGES, SMS, Catalogue, load_catalogue
from bot.errors import ArchiveError
from bot.settings import ROOT

#: The response that carries the catalogue. It is never said.
CATALOGUE = "catalogue"

#: Dialogue replies: the action's name after "utter_" and the key in data/texts.yml are the same.
_UTTER = "utter_"


class ConoceImporter(RasaFileImporter):
    """Rasa's importer, with the catalogue and the fixed texts as responses."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._catalogue = load_catalogue(ROOT / "data")

    def get_domain(self) -> Domain:
        """Return the domain with the catalogue (see parent class)."""
        domain = super().get_domain()
        responses = dict(domain.responses)
        for action in domain.as_dict()["actions"]:
            key = str(action).removeprefix(_UTTER)
            if str(action).startswith(_UTTER) and key in self._catalogue.texts:
                responses[str(action)] = _variations(self._catalogue.texts[key])
        responses[CATALOGUE] = [{"text": pack(self._catalogue)}]
        return domain.merge(Domain.from_dict({"responses": responses}))


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
        packed = base64.b64decode(responses[CATALOGUE][0]["text"])
        return Catalogue.from_json(json.loads(zlib.decompress(packed)))
    except (KeyError, IndexError, TypeError, ValueError, zlib.error):
        raise ArchiveError(
            "The trained archive carries no answers: train it again with `conoce train`."
        ) from None
