"""Is the credential about the person whom the asker means? (Open Badges 3.0, "Verify the Recipient Using an Identifier".)"""

from collections.abc import Iterable

from credentials.errors import Refused
from credentials.openbadges.identity import matches
from credentials.openbadges.model import AchievementCredential, ClrCredential, Credential, IdentityObject
from credentials.openbadges.terms import one_or_many
from credentials.verification.model import Recipient, RecipientKind, Undecided


def check_recipient(credential: Credential, meant: Recipient) -> None:
    """``recipient-mismatch`` where the credential says who it is about in the way that was asked, and it is somebody else;
    ``Undecided`` where it does not say. An identifier of another kind proves nothing either way, and is skipped."""
    if meant.kind is RecipientKind.ID:
        _check_id(credential, meant.value)
        return
    check_identities(_identities(credential), meant)


def check_identities(known: Iterable[IdentityObject], meant: Recipient) -> None:
    """The same for identifiers alone."""
    identities = [one for one in known if one.identityType == meant.kind]
    if any(matches(one, spelling, meant.kind) for one in identities for spelling in _spellings(meant)):
        return
    if identities:
        raise Refused("recipient-mismatch", f"None of its identifiers of type {meant.kind} is the one that was given.")
    raise Undecided("recipient-not-named", f"The credential has no identifier of type {meant.kind}.")


def _check_id(credential: Credential, value: str) -> None:
    subjects = (
        credential.credentialSubject
        if isinstance(credential.credentialSubject, list)
        else [credential.credentialSubject]
    )
    ids = {subject.id for subject in subjects if subject.id}
    if value in ids:
        return
    if ids:
        raise Refused("recipient-mismatch", "The subject has another id than the one that was given.")
    raise Undecided("recipient-not-named", "The subject has no id.")


def _identities(credential: Credential) -> list[IdentityObject]:
    if isinstance(credential, AchievementCredential | ClrCredential):
        return one_or_many(credential.credentialSubject.identifier)
    return []


def _spellings(meant: Recipient) -> tuple[str, ...]:
    """As it was given, and for an address as mail systems compare them: issuers hash one or the other."""
    plain = meant.value.strip()
    if meant.kind is RecipientKind.EMAIL:
        return tuple(dict.fromkeys((plain, plain.lower(), f"mailto:{plain}", f"mailto:{plain.lower()}")))
    return (plain,)
