"""The published schema, contexts and samples, as this room's tests use them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from badges import SafeMode


class Row(NamedTuple):
    """A row of the hostile samples: what may come of the file."""

    name: str
    content: bytes
    outcomes: frozenset[str]


@pytest.fixture(scope="session")
def rows(shared: Path) -> Callable[..., Iterator[Row]]:
    """The rows of the manifest whose files end in one of some suffixes."""
    samples = shared / "security" / "samples"

    def of(*suffixes: str) -> Iterator[Row]:
        for line in (samples / "manifest.tsv").read_text().splitlines()[1:]:
            name, _, expected, also_ok, *_ = line.split("\t")
            if name.endswith(suffixes):
                yield Row(name, (samples / name).read_bytes(), frozenset((expected, *also_ok.split())))

    return of


@pytest.fixture(scope="session")
def strict_schema(shared: Path) -> Callable[[dict[str, Any]], list[str]]:
    """What 1EdTech's strict schema objects to in a credential. It knows one status entry, so several are shown to it one by
    one."""
    path = shared / "standards" / "schemas" / "ob30-strict-ghpages" / "achievementcredential.json"
    validator = jsonschema_rs.validator_for(path.read_text(), validate_formats=True, offline=True)

    def objections(document: dict[str, Any]) -> list[str]:
        entries = document.get("credentialStatus")
        shown = (
            [{**document, "credentialStatus": entry} for entry in entries] if isinstance(entries, list) else [document]
        )
        return [str(error) for one in shown for error in validator.iter_errors(one)]

    return objections


@pytest.fixture(scope="session")
def safe_mode(shared: Path) -> SafeMode:
    return SafeMode(shared / "standards" / "contexts")
