"""Keeps TensorFlow out of processes that compute nothing with it.

Rasa imports TensorFlow wherever it is imported (`rasa/utils/train_utils.py` and others), and so
does thinc under spaCy, which costs most of the start and half of the memory; the pipeline and the
policy of this project use none of it. `install` puts a placeholder in its place: importing,
subclassing, annotating and decorating work, so that Rasa's modules load; anything else raises.
Rasa's own commands do not go through here and get the real one
(docs/decisions/003-no-tensorflow-at-run-time.md).
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

REPLACED = ("tensorflow", "tensorflow_hub", "tensorflow_text", "keras")


class _Nothing(type):
    """A class that stands for any name of TensorFlow."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})

    def __len__(cls) -> int:
        # thinc counts the graphics cards: there are none.
        return 0

    def __call__(cls, *arguments: Any, **_keywords: Any) -> Any:
        # As a decorator it leaves the function alone; everything else stays nothing.
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        if cls.__mro__[1:2] != (object,):
            raise RuntimeError(f"{cls.__name__} needs TensorFlow, which this process runs without.")
        return cls


class _Module(types.ModuleType):
    """A module in which every name is a `_Nothing`."""

    __version__ = "0.0.0"
    __path__: list[str] = []  # noqa: RUF012 - makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a `_Module` for every module of the replaced packages."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a replaced module (see parent class)."""
        if name.partition(".")[0] in REPLACED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the placeholder (see parent class)."""
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: there is nothing in it (see parent class)."""


def install() -> None:
    """Replace TensorFlow in this process, unless it is already there."""
    if "tensorflow" not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
