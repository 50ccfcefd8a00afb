"""A deployment may accept further contexts, each pinned by its digest. Without that, none is accepted."""

import json
from pathlib import Path

import pytest

from credentials.errors import Refused
from credentials.files import all_contexts, packaged_contexts, pin_context
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLES_V1 = "https://www.w3.org/2018/credentials/examples/v1"
UNDEFINED = "https://www.w3.org/ns/credentials/undefined-terms/v2"

INTEROPERABILITY = {
    EXAMPLES_V2: "credentials-examples-v2.jsonld",
    EXAMPLES_V1: "credentials-examples-v1.jsonld",
    UNDEFINED: "credentials-undefined-terms-v2.jsonld",
    "https://www.w3.org/ns/odrl.jsonld": "legacy/odrl.jsonld",  # which examples/v1 names
}
OWN = "https://alder.example/contexts/own"


@pytest.fixture
def folder(shared: Path, tmp_path: Path) -> Path:
    """What an interoperability instance pins."""
    for url, name in INTEROPERABILITY.items():
        pin_context(tmp_path / "contexts", url, shared / "standards" / "contexts" / name)
    return tmp_path / "contexts"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"@context": {"shelf": "https://alder.example/terms#shelf"}}))
    return path


def a_credential(*contexts: str, **subject: object) -> dict[str, object]:
    return {
        "@context": list(contexts),
        "id": "urn:uuid:9f0e4b2c-8d3c-4f5b-9d55-0d6a3b1c2e4f",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject", **subject},
    }


@pytest.mark.parametrize(
    ("contexts", "subject", "statement"),
    [
        ((V2, EXAMPLES_V2), {"shelf": "3"}, '<https://www.w3.org/ns/credentials/examples#shelf> "3"'),
        ((V2, UNDEFINED), {"shelf": "3"}, '<https://www.w3.org/ns/credentials/undefined-term#shelf> "3"'),
        ((V1, EXAMPLES_V1), {"degreeType": "B"}, '<https://example.org/examples#degreeType> "B"'),
    ],
)
def test_an_interoperability_instance_reads_the_contexts_that_the_standards_use_in_examples(
    folder: Path, contexts: tuple[str, ...], subject: dict[str, object], statement: str
) -> None:
    """Those of data model 2.0 have nothing in them but ``@vocab``."""
    nquads = canonize(a_credential(*contexts, **subject), Contexts(all_contexts(folder))).decode()
    assert f"<did:example:subject> {statement} .\n" in nquads
    assert "AlumniCredential>" in nquads


def test_a_production_instance_accepts_none_that_it_has_not_pinned() -> None:
    for context in (EXAMPLES_V2, UNDEFINED, OWN):
        with pytest.raises(Refused) as raised:
            canonize(a_credential(V2, context, shelf="3"), Contexts(all_contexts(None)))
        assert raised.value.code == "context-not-allowed"
    assert all_contexts(None) == packaged_contexts()


def test_safe_mode_stays_where_a_context_has_no_vocab(tmp_path: Path, own: Path) -> None:
    pin_context(tmp_path / "contexts", OWN, own)
    contexts = Contexts(all_contexts(tmp_path / "contexts"))
    document = a_credential(V2, OWN, shelf="3")
    document["type"] = ["VerifiableCredential"]
    assert b"terms#shelf" in canonize(document, contexts)
    document["credentialSubject"] = {"id": "did:example:subject", "self": "3"}
    with pytest.raises(Refused) as raised:
        canonize(document, contexts)
    assert (raised.value.code, raised.value.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/credentialSubject/self")


def test_a_file_that_was_changed_after_it_was_pinned_is_refused(tmp_path: Path, own: Path) -> None:
    digest = pin_context(tmp_path / "contexts", OWN, own)
    assert set(all_contexts(tmp_path / "contexts")) - set(packaged_contexts()) == {OWN}
    (tmp_path / "contexts" / f"{digest[:16]}.json").write_text("{}")
    with pytest.raises(Refused, match="not the file that its"):
        all_contexts(tmp_path / "contexts")


def test_an_address_keeps_its_file(tmp_path: Path, own: Path) -> None:
    pin_context(tmp_path / "contexts", OWN, own)
    pin_context(tmp_path / "contexts", OWN, own)
    own.write_text(json.dumps({"@context": {"shelf": "https://elsewhere.example/#shelf"}}))
    with pytest.raises(Refused, match="Another file is pinned"):
        pin_context(tmp_path / "contexts", OWN, own)


def test_a_deployment_cannot_change_what_our_own_credentials_say(tmp_path: Path, own: Path) -> None:
    pin_context(tmp_path / "contexts", V2, own)
    with pytest.raises(Refused, match="comes with the program"):
        all_contexts(tmp_path / "contexts")


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json"])
def test_what_is_no_context_is_not_pinned(tmp_path: Path, own: Path, content: str) -> None:
    own.write_text(content)
    with pytest.raises(Refused):
        pin_context(tmp_path / "contexts", OWN, own)
    assert not (tmp_path / "contexts" / "lock.json").exists()


def test_a_folder_without_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        all_contexts(tmp_path)
