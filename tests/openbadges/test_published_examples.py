"""The standards' own examples, and the samples that are meant to be accepted, pass; what does not has a reason."""

import json

import pytest
from sentences import refusal

from credentials.openbadges.check import check_model

NO_CREDENTIAL = ("MALFORMED_VALUE_ERROR", "/type")

# What the documents of the standards get wrong themselves, or leave out to be short.
REFUSED = {
    "fullOpenBadge-00-complete-openbadgecredential.json": (
        # Its second result says a level of the rubric, and names the description of the letter grade.
        "MALFORMED_VALUE_ERROR",
        "/credentialSubject/result/1/achievedLevel",
    ),
    "examples-05-untitled.json": ("MALFORMED_VALUE_ERROR", "/issuer/type"),
    "examples-07-untitled.json": ("MALFORMED_VALUE_ERROR", "/issuer/type"),
    "readme-00-sample-assertion-credential.json": ("MALFORMED_VALUE_ERROR", "/credentialSubject/type"),
    "migrating-04-upgraded-ob-2-0-assertion-included-within-clr-2-0.json": (
        # No context defines alsoKnownAs, so safe mode refuses it too.
        "DATA_LOSS_DETECTION_ERROR",
        "/issuer/alsoKnownAs",
    ),
    "index-00-a-template-for-creating-prototype-verifiable-credentials.json": ("MALFORMED_VALUE_ERROR", "/issuer"),
    # Documents of other kinds: presentations, profiles, keys, proofs, contexts, schemas, Open Badges 2.0.
    "api-07-sample-putprofile-response.json": NO_CREDENTIAL,
    "extensions-00-ob-clr-extension-json-ld-context.json": NO_CREDENTIAL,
    "extensions-03-ob-clr-extension-json-schema.json": NO_CREDENTIAL,
    "integrity-00-sample-jose-header-with-reference-to-a-public-key-in-a-jwks.json": NO_CREDENTIAL,
    "linked-data-proof-clr-06-proof.json": NO_CREDENTIAL,
    "linked-data-proof-ob-06-proof.json": NO_CREDENTIAL,
    "migrating-01-openbadges-2-0-with-related-openbadges-3-0.json": NO_CREDENTIAL,
    "migrating-03-issuer-profile-relation-between-open-badges-2-0-and-open-badges-3-0.json": NO_CREDENTIAL,
    "recommended-practices-05-email-identifier-in-credential-subject.json": NO_CREDENTIAL,
    "recommended-practices-06-name-identifier-in-credential-subject.json": NO_CREDENTIAL,
    "recommended-practices-07-given-name-and-family-name-credential-subject-with-profile.json": NO_CREDENTIAL,
    "index-17-basic-structure-of-a-presentation.json": NO_CREDENTIAL,
    "index-18-basic-structure-of-an-enveloped-verifiable-presentation.json": NO_CREDENTIAL,
    "index-22-a-json-ld-context.json": NO_CREDENTIAL,
    "index-32-a-context-file-that-defines-a-matrix-as-an-embedded-json-data-structure.json": NO_CREDENTIAL,
}


@pytest.mark.parametrize("folder", ["ob30", "vcdm20", "bitstring"])
def test_an_example_of_the_standards_is_read_or_refused_for_a_reason_that_is_written_here(folder, shared):
    examples = sorted((shared / "standards" / "examples" / folder).glob("*.json"))
    assert examples
    for path in examples:
        assert refusal(check_model, json.loads(path.read_text())) == REFUSED.get(path.name), path.name


def test_signed_credentials_of_the_published_vectors_are_read(shared):
    signed = sorted((shared / "standards" / "vectors").glob("*/**/*igned*.json"))
    assert len(signed) > 20
    for path in signed:
        document = json.loads(path.read_text())
        if "VerifiableCredential" in document.get("type", ()):
            assert refusal(check_model, document) is None, path


# Samples whose defect lies in the form of the document, which this room judges alone.
FORM = ("dropped/", "graph/", "time/from-", "status/index-", "status/size-", "issuer/issuer-missing", "dos/bnode")


def test_the_samples_to_accept_pass_and_those_of_bad_form_do_not(rows):
    seen = 0
    for row in rows(".json"):
        accepted = any(outcome.startswith("accept") for outcome in row.outcomes)
        if not accepted and not row.name.startswith(FORM):
            continue
        seen += 1
        found = refusal(check_model, json.loads(row.content))
        if found is None:
            in_range = row.name == "status/index-out-of-range.json"  # only the list can tell
            assert accepted or in_range, row.name
        else:
            assert f"reject:{found[0]}" in row.outcomes, row.name
    assert seen > 40
