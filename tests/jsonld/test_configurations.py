"""The configuration of a proof has the same canonical form by the short way as by the long one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonld_reference import Reference
from sentences import refusal

from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize, label_nodes
from credentials.jsonld.contexts import Contexts

FILES = packaged_contexts()
CONTEXTS = Contexts(FILES)
REFERENCE = Reference(FILES)
V2 = "https://www.w3.org/ns/credentials/v2"

configurations = st.fixed_dictionaries(
    {
        "@context": st.sampled_from(
            [
                [V2],
                [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
                ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
                ["https://www.w3.org/2018/credentials/v1"],
                [V2, V2],
                ["https://unknown.example"],
                [V2, {"did": "https://x.example/"}],
                V2,
            ]
        ),
        "type": st.sampled_from(["DataIntegrityProof", ["DataIntegrityProof"], "Profile"]),
        "cryptosuite": st.sampled_from(["eddsa-rdfc-2022", "ecdsa-rdfc-2019", "another", 1]),
        "created": st.sampled_from(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123+02:00", "Z", 'a"b', 7]),
        "proofPurpose": st.sampled_from(["assertionMethod", "authentication", "keyAgreement", "x"]),
        "verificationMethod": st.sampled_from(
            [
                "did:web:a.example#1",
                "did:key:z6Mk#z6Mk",
                "https://a.example/k?x=1#2",
                "https:a",
                "a b",
                "sec:x",
                "urn:x",
            ]
        ),
    }
)


def by_the_long_way(document: object, contexts: Contexts) -> bytes:
    return label_nodes(document, contexts)[0]


@settings(max_examples=300, deadline=None)
@given(document=configurations, again=configurations)
def test_the_short_way_and_the_long_way_say_the_same(document, again) -> None:
    for one in (document, again):
        refused = refusal(by_the_long_way, one, CONTEXTS)
        assert refusal(canonize, one, CONTEXTS) == refused
        if refused is None:
            assert canonize(one, CONTEXTS) == by_the_long_way(one, CONTEXTS)


@pytest.mark.parametrize("method", ["did:web:a.example#1", "https://a.example/keys#2"])
def test_it_is_the_form_of_the_reference(method) -> None:
    document = {
        "@context": [V2],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-31T12:00:00Z",
        "proofPurpose": "assertionMethod",
        "verificationMethod": method,
    }
    for created in ("2026-01-31T12:00:00Z", "2027-01-31T12:00:00.5-01:00"):
        one = {**document, "created": created}
        assert canonize(one, CONTEXTS) == REFERENCE.canonize(one)


def test_only_configurations_of_known_suites_are_remembered() -> None:
    contexts = Contexts(FILES)
    for number in range(50):
        refusal(
            canonize,
            {
                "@context": [V2],
                "type": "DataIntegrityProof",
                "cryptosuite": f"x{number}",
                "created": f"20{number:02}-01-31T12:00:00Z",
                "proofPurpose": "assertionMethod",
                "verificationMethod": f"did:web:a.example#{number}",
            },
            contexts,
        )
    assert not contexts.configurations
