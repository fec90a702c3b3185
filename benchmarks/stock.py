"""The stock Rasa pipeline over the same entries and examples, as a project of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import yaml

from bot.content import FAQ, URGENT, Catalogue, read_yaml
from bot.settings import ROOT

#: What `rasa init` of 3.6.21 suggests, its epochs included, with a selector for each of our two
#: retrieval intents.
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "stock",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True, "random_seed": 1},
        {
            "name": "ResponseSelector",
            "retrieval_intent": FAQ,
            "epochs": 100,
            "constrain_similarities": True,
            "random_seed": 1,
        },
        {
            "name": "ResponseSelector",
            "retrieval_intent": URGENT,
            "epochs": 100,
            "constrain_similarities": True,
            "random_seed": 1,
        },
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ],
    "policies": [{"name": "RulePolicy"}],
}

Examples = dict[str, list[tuple[str, str]]]


def chosen_examples(most: int) -> Examples:
    """Return intent -> (text, language) of data/nlu, at most `most` of each language; 0 is all."""
    found: Examples = defaultdict(list)
    for path in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for item in read_yaml(path).get("nlu") or ():
            for language in ("en", "es"):
                texts = [
                    (str(example["text"]), language)
                    for example in item.get("examples") or ()
                    if (example.get("metadata") or {}).get("language") == language
                ]
                # Evenly over the list: its beginning and end are in different registers.
                step = max(1.0, len(texts) / most) if most else 1.0
                kept = {int(number * step) for number in range(len(texts))}
                found[str(item["intent"])] += [texts[i] for i in sorted(kept) if i < len(texts)]
    return dict(found)


def write_project(folder: Path, catalogue: Catalogue, examples: Examples) -> dict[str, str]:
    """Write the project; return what each reply stands for, by its text."""
    replies: dict[str, str] = {}
    responses: dict[str, list[dict[str, str]]] = {"utter_none": [{"text": "none"}]}
    for entry in catalogue.entries.values():
        # Rasa's REST channel would send each paragraph as a message of its own.
        text = " ".join(entry.text("en", "web").split())
        responses[f"utter_{entry.intent}"] = [{"text": text}]
        replies[text] = entry.id
    plain = sorted(intent for intent in examples if "/" not in intent)
    domain = {
        "version": "3.1",
        "intents": plain,
        "responses": responses,
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": action}]}
        for name, action in [
            (FAQ, f"utter_{FAQ}"),
            (URGENT, f"utter_{URGENT}"),
            ("nlu_fallback", "utter_none"),
            *((intent, "utter_none") for intent in plain),
        ]
    ]
    nlu = [{"intent": intent, "examples": _lines(texts)} for intent, texts in examples.items()]
    _write(folder / "config.yml", CONFIG)
    _write(folder / "domain.yml", domain)
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    _write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu})
    _write(folder / "credentials.yml", {"rest": {}})
    _write(folder / "endpoints.yml", {})
    return replies


def _lines(texts: Iterable[tuple[str, str]]) -> str:
    # Brackets would be read as entities.
    return "".join(f"- {' '.join(text.split()).translate({91: 40, 93: 41})}\n" for text, _ in texts)


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, width=10_000), encoding="utf-8")
