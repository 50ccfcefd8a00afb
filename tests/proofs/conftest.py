"""Published vectors, and a canonicalisation that is not ours to check ours against."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import own_jsonld
import pytest
from reference_canonize import reference_canonize, reference_label_nodes


class Vectors:
    """A folder of published vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def json(self, name: str) -> Any:
        return json.loads(self.octets(name))

    def octets(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def text(self, name: str) -> str:
        return self.octets(name).decode().strip()


@pytest.fixture(scope="session")
def eddsa(shared: Path) -> Vectors:
    return Vectors(shared / "standards" / "vectors" / "vc-di-eddsa")


@pytest.fixture(scope="session")
def ecdsa(shared: Path) -> Vectors:
    return Vectors(shared / "standards" / "vectors" / "vc-di-ecdsa")


@pytest.fixture(scope="session")
def own_canonize() -> Callable[[dict[str, Any], str], bytes]:
    """Our own canonicalisation: what production signs with."""
    return own_jsonld.canonize


@pytest.fixture(scope="session")
def own_label_nodes() -> Callable[[dict[str, Any]], tuple[bytes, dict[tuple[str, str], str]]]:
    """The labels of blank nodes by our own canonicalisation."""
    return own_jsonld.label_nodes


@pytest.fixture(scope="session")
def canonize(shared: Path) -> Callable[[dict[str, Any], str], bytes]:
    return reference_canonize(shared / "standards" / "contexts")


@pytest.fixture(scope="session")
def label_nodes(shared: Path) -> Callable[[dict[str, Any]], tuple[bytes, dict[tuple[str, str], str]]]:
    return reference_label_nodes(shared / "standards" / "contexts")
