"""Contexts as a production instance pins them, and as an interoperability instance does."""

from pathlib import Path

import pytest
from jsonld_reference import Reference

from credentials.files import packaged_contexts
from credentials.jsonld.contexts import Contexts

FURTHER = {
    "https://w3id.org/citizenship/v4rc1": "citizenship-v4rc1.jsonld",
    "https://www.w3.org/2018/credentials/examples/v1": "credentials-examples-v1.jsonld",
    "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.jsonld",
    "https://www.w3.org/ns/credentials/undefined-terms/v2": "credentials-undefined-terms-v2.jsonld",
    "https://www.w3.org/ns/odrl.jsonld": "legacy/odrl.jsonld",
}
"""What vectors, examples and test suites use besides; two of them have ``@vocab``."""


@pytest.fixture(scope="session")
def contexts() -> Contexts:
    return Contexts(packaged_contexts())


@pytest.fixture(scope="session")
def further_files(shared: Path) -> dict[str, bytes]:
    folder = shared / "standards" / "contexts"
    return packaged_contexts() | {address: (folder / name).read_bytes() for address, name in FURTHER.items()}


@pytest.fixture(scope="session")
def further_contexts(further_files: dict[str, bytes]) -> Contexts:
    return Contexts(further_files)


@pytest.fixture(scope="session")
def reference(further_files: dict[str, bytes]) -> Reference:
    return Reference(further_files)
