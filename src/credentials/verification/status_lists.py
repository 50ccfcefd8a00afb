"""What published lists say of a credential (Bitstring Status List 1.0, section 3.2, "Validate Algorithm").

A list is a credential itself: its form, proof, issuer, id, purpose and dates must hold. That is one level deep: whether the
list in its turn has been revoked is not asked.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from credentials.errors import Malformed, Refused
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.reader import read_json
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.vcdm import BitstringStatusListCredential, BitstringStatusListEntry, StatusEntry
from credentials.proofs.jose import read_jws
from credentials.status.bitstring import decode, read_index, value_at
from credentials.verification.checks import check_time, document_under, keys_of, still_good, valid_from
from credentials.verification.memory import KnownList, Memory
from credentials.verification.model import (
    Absence,
    Absent,
    Barred,
    Materials,
    Name,
    Policy,
    Present,
    Status,
    Undecided,
)
from credentials.verification.reading import Signed, Steps, check_contexts, read_signed


def entries_of(signed: Signed, policy: Policy) -> tuple[BitstringStatusListEntry, ...]:
    """The entries of a credential that point into a list."""
    entries = (signed.credential.credentialStatus or ())[: policy.max_statuses]
    return tuple(entry for entry in entries if isinstance(entry, BitstringStatusListEntry))


def list_urls(signed: Signed, policy: Policy) -> tuple[str, ...]:
    """The lists that a credential names, each once."""
    return tuple(dict.fromkeys(entry.statusListCredential for entry in entries_of(signed, policy)))


def life_of_list(body: bytes) -> float | None:
    """The seconds for which a list lets itself be used (Bitstring Status List, ``ttl``, which is in milliseconds); ``None`` for
    anything else than a list with a life. Nothing is verified here: a shorter life harms nobody."""
    try:
        token = re.fullmatch(rb"[\w-]+\.[\w-]+\.[\w-]+", body.strip())
        document = read_json(read_jws(token[0]).payload if token else body)
    except Malformed:
        return None
    subject = document.get("credentialSubject") if isinstance(document, dict) else None
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    return ttl / 1000 if type(ttl) is int and ttl >= 0 else None


def statuses(
    signed: Signed,
    materials: Materials,
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None = None,
    as_of: datetime | None = None,
) -> tuple[tuple[Status, ...], tuple[Undecided, ...]]:
    """What could be found out about each entry, and why the others could not. Raises ``Refused`` for an entry or a list
    that does not hold; that a status is a bad one is for the caller to say. ``as_of``: what the status was then."""
    found: list[Status] = []
    open_: list[Undecided] = []
    entries = signed.credential.credentialStatus or ()
    if len(entries) > policy.max_statuses:
        open_.append(
            Undecided("fetch-limit", f"Of {len(entries)} status entries, {policy.max_statuses} are looked up.")
        )
    for entry in entries[: policy.max_statuses]:
        try:
            found.append(_status(entry, signed.issuer, materials, contexts, policy, now, memory, as_of))
        except Undecided as undecided:
            open_.append(undecided)
    return tuple(found), tuple(open_)


def _status(
    entry: StatusEntry,
    issuer: str,
    materials: Materials,
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None,
    as_of: datetime | None,
) -> Status:
    if not isinstance(entry, BitstringStatusListEntry):
        raise Undecided("status-type-unsupported", f"A status of type {', '.join(entry.type)} is not read.")
    index = read_index(entry.statusListIndex)
    bits, evidence_at = _bits(entry, issuer, materials, contexts, policy, now, memory)
    value = value_at(bits, index, entry.statusSize or 1)
    if as_of is not None:
        turns = materials.histories.get(f"{entry.statusListCredential}#{index}")
        if turns is not None:
            value, evidence_at = int(next((turn.set for turn in reversed(turns) if turn.at <= as_of), False)), as_of
        else:
            _check_known_then(entry.statusPurpose, value, evidence_at or now, as_of)
    messages = {message.status.lower(): message.message for message in one_or_many(entry.statusMessage)}
    return Status(
        purpose=entry.statusPurpose,
        list_url=entry.statusListCredential,
        index=index,
        value=value,
        message=messages.get(f"0x{value:x}", ""),
        evidence_at=evidence_at,
    )


def _check_known_then(purpose: str, value: int, evidence_at: datetime, as_of: datetime) -> None:
    """``Undecided`` where a list that is newer than the day that is asked about does not say what was then.

    Of one thing it does: revocation is for good (Bitstring Status List 1.0, section 2.2), so what is not revoked now was
    not revoked before.
    """
    if evidence_at <= as_of or (purpose == "revocation" and not value) or purpose not in {"revocation", "suspension"}:
        return
    raise Undecided(
        "status-at-date-unknown",
        f"The list for {purpose} is of {evidence_at.isoformat()}, and does not say what was at {as_of.isoformat()}.",
    )


def _bits(
    entry: BitstringStatusListEntry,
    issuer: str,
    materials: Materials,
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None,
) -> tuple[bytes, datetime | None]:
    """The expanded list of an entry, and from when it is.

    ``STATUS_VERIFICATION_ERROR`` unless it is the issuer's, current, and the right one.
    """
    body = _body(entry.statusListCredential, materials)
    known = memory.status_list(body) if memory is not None else None
    listed = known.signed if known is not None else _read(body, contexts, policy)
    credential = listed.credential
    if not isinstance(credential, BitstringStatusListCredential):
        raise _unreliable("it is no BitstringStatusListCredential")
    if credential.id != entry.statusListCredential:
        raise _unreliable("it has another id than the address it was found at")
    if listed.issuer != issuer:
        raise _unreliable("it is by another issuer than the credential")
    if entry.statusPurpose not in one_or_many(credential.credentialSubject.statusPurpose):
        raise _unreliable("it is for another purpose")
    try:
        check_contexts(listed.document, contexts, policy)
        keys = keys_of(listed, materials.key_documents, now, memory)
        if known is not None and known.keys == keys:
            still_good(listed, now)
        else:
            known = None
            document_under(listed, keys, contexts, policy, now)
        check_time(credential, policy, now)
    except Undecided as undecided:
        raise Undecided("STATUS_RETRIEVAL_ERROR", f"The keys of the status list: {undecided.detail}") from undecided
    except Malformed as error:
        raise _unreliable(error.detail) from error
    if known is None:
        known = KnownList(listed, keys, decode(credential.credentialSubject.encodedList))
        if memory is not None:
            memory.keep_status_list(body, known)
    return known.bits, valid_from(credential)


def _body(url: str, materials: Materials) -> bytes:
    found = materials.status_lists.get(url, Absent(Absence.UNREACHABLE, "It was not gathered."))
    match found:
        case Present():
            return found.body
        case Absent():
            code = "fetch-limit" if found.why is Absence.TOO_MANY else "STATUS_RETRIEVAL_ERROR"
            raise Undecided(code, found.reason)
        case Barred():
            raise Refused(found.code, found.reason)


def _read(body: bytes, contexts: Contexts, policy: Policy) -> Signed:
    steps = Steps()
    try:
        return read_signed(body, contexts, policy, steps)
    except Malformed as error:
        if steps.current is Name.FORMAT:  # an error page, say: the list itself was not seen
            raise Undecided("STATUS_RETRIEVAL_ERROR", f"What was served is no status list. {error.detail}") from error
        raise _unreliable(error.detail) from error


def _unreliable(why: str) -> Refused:
    return Refused("STATUS_VERIFICATION_ERROR", f"The status list cannot be relied on: {why.removesuffix('.')}.")


def check_values(found: Iterable[Status]) -> None:
    """Step 11. ``Refused`` for a credential that was revoked or suspended, ``Undecided`` where a list says something that we
    do not know the meaning of. That there is a newer credential or a message takes nothing from this one."""
    raised = {status.purpose for status in found if status.value}
    if "revocation" in raised:
        raise Refused("credential-revoked", "The bit for revocation is set.")
    if "suspension" in raised:
        raise Refused("credential-suspended", "The bit for suspension is set.")
    if raised - {"refresh", "message"}:
        raise Undecided("status-type-unsupported", f"The bit for {min(raised)} is set, which has no meaning here.")
