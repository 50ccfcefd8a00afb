"""Who a badge is about, without saying it."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from sentences import sentences

from credentials.openbadges.identity import identity_hash, matches
from credentials.openbadges.model import IdentityObject
from credentials.openbadges.terms import Types


def an_identity(value, *, hashed=True, salt=None, kind="emailAddress"):
    return IdentityObject(
        type=Types(["IdentityObject"]), hashed=hashed, identityHash=value, identityType=kind, salt=salt
    )


def test_the_hash_of_the_standards_own_example_is_reproduced():
    expected = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert identity_hash("a@example.com", "Kosher") == expected


@given(st.text(), st.text())
def test_the_salt_comes_after_the_identifier_and_both_are_utf_8(identifier, salt):
    try:
        octets = (identifier + salt).encode()
    except UnicodeEncodeError:
        return
    assert identity_hash(identifier, salt) == f"sha256${hashlib.sha256(octets).hexdigest()}"


@sentences(
    ("identity", "identifier", "kind", "same"),
    {
        "the same, salted": (
            an_identity(identity_hash("a@x.example", "s"), salt="s"),
            "a@x.example",
            "emailAddress",
            True,
        ),
        "the same, without salt": (an_identity(identity_hash("a@x.example")), "a@x.example", "emailAddress", True),
        "the same, in capitals": (
            an_identity(identity_hash("a@x.example", "s").upper().replace("SHA", "sha"), salt="s"),
            "a@x.example",
            "emailAddress",
            True,
        ),
        "the same by MD5": (
            an_identity(identity_hash("a@x.example", "s", "md5"), salt="s"),
            "a@x.example",
            "emailAddress",
            True,
        ),
        "the same in plain text": (an_identity("a@x.example", hashed=False), "a@x.example", "emailAddress", True),
        "plain text with a salt that is not used": (
            an_identity("a@x.example", hashed=False, salt="not-used"),
            "a@x.example",
            "emailAddress",
            True,
        ),
        "another salt": (
            an_identity(identity_hash("a@x.example", "s"), salt="t"),
            "a@x.example",
            "emailAddress",
            False,
        ),
        "another spelling": (
            an_identity(identity_hash("a@x.example", "s"), salt="s"),
            "A@x.example",
            "emailAddress",
            False,
        ),
        "the hash itself": (
            an_identity(identity_hash("a@x.example")),
            identity_hash("a@x.example"),
            "emailAddress",
            False,
        ),
        "another type": (
            an_identity("a@x.example", hashed=False, kind="userName"),
            "a@x.example",
            "emailAddress",
            False,
        ),
    },
)
def test_a_known_identifier_is_recognised_and_no_other(identity, identifier, kind, same):
    assert matches(identity, identifier, kind) is same
