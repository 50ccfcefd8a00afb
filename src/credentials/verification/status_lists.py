"""What published lists say of a credential (Bitstring Status List 1.0, section 3.2, "Validate Algorithm").

A list is a credential itself: its form, proof, issuer, id, purpose and dates must hold. That is one level deep: whether the
list in its turn has been revoked is not asked.

Two older methods are read. StatusList2021 differs in names and in how the bits are written. A ``1EdTechRevocationList`` (Open
Badges 3.0 before October 2025) is no credential and nobody signs it: it is what stands at the address that the credential's
own signature covers, and names the credentials that were revoked.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from credentials.errors import Malformed, Refused
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.reader import read_json
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.vcdm import (
    BitstringStatusListCredential,
    BitstringStatusListEntry,
    RevocationList,
    StatusEntry,
    StatusList2021Credential,
    StatusList2021Entry,
    StatusMessage,
)
from credentials.proofs.jose import read_jws
from credentials.status.bitstring import decode, decode_2021, read_index, value_at
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

Entry = BitstringStatusListEntry | StatusList2021Entry
"""An entry that points into a list of bits."""


def entries_of(signed: Signed, policy: Policy) -> tuple[Entry, ...]:
    """The entries of a credential that point into a list of bits."""
    entries = (signed.credential.credentialStatus or ())[: policy.max_statuses]
    return tuple(entry for entry in entries if isinstance(entry, Entry))


def list_urls(signed: Signed, policy: Policy) -> tuple[str, ...]:
    """The lists that a credential names, each once."""
    entries = (signed.credential.credentialStatus or ())[: policy.max_statuses]
    urls = [
        entry.statusListCredential if isinstance(entry, Entry) else entry.id
        for entry in entries
        if isinstance(entry, Entry | RevocationList)
    ]
    return tuple(dict.fromkeys(urls))


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
            if isinstance(entry, RevocationList):
                found.append(_revocation(entry, signed, materials, now, as_of))
            else:
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
    if not isinstance(entry, Entry):
        raise Undecided("status-type-unsupported", f"A status of type {', '.join(entry.type)} is not read.")
    index = read_index(entry.statusListIndex)
    bits, evidence_at = _bits(entry, issuer, materials, contexts, policy, now, memory)
    size, texts = 1, None
    if isinstance(entry, BitstringStatusListEntry):
        size, texts = entry.statusSize or 1, entry.statusMessage
    value = value_at(bits, index, size)
    if as_of is not None:
        turns = materials.histories.get(f"{entry.statusListCredential}#{index}")
        if turns is not None:
            value, evidence_at = int(next((turn.set for turn in reversed(turns) if turn.at <= as_of), False)), as_of
        else:
            _check_known_then(entry.statusPurpose, value, evidence_at or now, as_of)
    message = "" if texts is None else _message(one_or_many(texts), value)
    return Status(
        purpose=entry.statusPurpose,
        list_url=entry.statusListCredential,
        index=index,
        value=value,
        message=message,
        evidence_at=evidence_at,
    )


def _message(messages: Iterable[StatusMessage], value: int) -> str:
    return {message.status.lower(): message.message for message in messages}.get(f"0x{value:x}", "")


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


def _revocation(
    entry: RevocationList, signed: Signed, materials: Materials, now: datetime, as_of: datetime | None
) -> Status:
    """Whether a list names the credential. ``STATUS_VERIFICATION_ERROR`` for a list that is another's, or none."""
    body = _body(entry.id, materials)
    try:
        listed = read_json(body)
    except Refused as refused:
        raise Undecided("STATUS_RETRIEVAL_ERROR", f"What was served is no list. {refused.detail}") from refused
    if not isinstance(listed, dict) or not isinstance(listed.get("revokedCredential", []), list):
        raise _unreliable("it is no 1EdTechRevocationList")
    if listed.get("id") != entry.id:
        raise _unreliable("it has another id than the address it was found at")
    issuer = listed.get("issuer")
    if (issuer.get("id") if isinstance(issuer, dict) else issuer) != signed.issuer:
        raise _unreliable("it is by another issuer than the credential")
    value, message = 0, ""
    for line in listed.get("revokedCredential", []):
        if not isinstance(line, dict) or not isinstance(line.get("revoked", True), bool):
            raise _unreliable("a line of it is not one")
        if signed.credential.id is not None and line.get("id") == signed.credential.id and line.get("revoked", True):
            value, message = 1, str(line.get("revocationReason", ""))
    if signed.credential.id is None:
        raise _unreliable("a credential without an id cannot be named in it")
    if as_of is not None:
        _check_known_then("revocation", value, now, as_of)
    return Status(purpose="revocation", list_url=entry.id, index=0, value=value, message=message)


def _bits(
    entry: Entry,
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
    of_2021 = isinstance(entry, StatusList2021Entry)
    if not isinstance(credential, StatusList2021Credential if of_2021 else BitstringStatusListCredential):
        raise _unreliable(f"it is no {'StatusList2021Credential' if of_2021 else 'BitstringStatusListCredential'}")
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
        encoded = credential.credentialSubject.encodedList
        known = KnownList(listed, keys, decode_2021(encoded) if of_2021 else decode(encoded))
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
