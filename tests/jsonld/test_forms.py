"""A canonical form is found again for the very same document, and for no other."""

import pytest

from credentials.errors import Refused
from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.forms import MAX_FORMS, CanonicalForms

CONTEXTS = Contexts(packaged_contexts())


def a_document(name: object) -> dict[str, object]:
    return {"@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:x:1", "name": name}


def test_it_is_the_canonical_form_of_the_document_that_is_asked_for() -> None:
    forms = CanonicalForms(CONTEXTS)
    for name in ("one", "two", "one", "1", "two"):
        assert forms.of(a_document(name)) == canonize(a_document(name), CONTEXTS)


def test_what_is_refused_is_refused_again() -> None:
    forms = CanonicalForms(CONTEXTS)
    for _ in range(2):
        with pytest.raises(Refused):
            forms.of({**a_document("one"), "undefined": "x"})


def test_they_are_bounded() -> None:
    forms = CanonicalForms(CONTEXTS)
    for number in range(3 * MAX_FORMS):
        forms.of(a_document(f"text {number}"))
    assert len(forms._forms) <= MAX_FORMS
