"""The documentation names what there is."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from bot import checks
from bot.content import load_catalogue
from bot.settings import DEFAULTS, ROOT


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(name: str) -> set[str]:
    """Return the names in the first column of the tables of a page."""
    return set(re.findall(r"(?m)^\| `([^`]+)` \|", read(name)))


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found, requirement
    return found[0]


def test_every_setting_is_described_and_no_other() -> None:
    assert first_cells("docs/settings.md") == set(DEFAULTS)


def test_every_direct_dependency_is_described_and_no_other() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    direct = {name_of(requirement) for group in groups for requirement in group}
    for folder in ("widget", "staff/assets"):
        package = json.loads(read(f"{folder}/package.json"))
        direct |= {*package["dependencies"], *package.get("devDependencies", ())}
    assert first_cells("docs/dependencies.md") == direct


@pytest.mark.parametrize("readme", ["README.md", "README.es.md"])
def test_readme_names_the_two_commands(readme: str) -> None:
    assert {"make run", "make test"} <= set(read(readme).splitlines())


def test_the_page_of_coverage_is_current() -> None:
    data = ROOT / "data"
    assert read("docs/coverage.md") == checks.coverage_page(load_catalogue(data), data)
