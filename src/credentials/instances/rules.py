"""What an instance makes of a credential that it is asked to issue. From values alone."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from credentials.errors import Refused
from credentials.instances.model import Instance, IssuerMismatch
from credentials.openbadges.build import StatusBit, status_entry
from credentials.openbadges.check import read_model
from credentials.openbadges.terms import format_date_time, one_or_many
from credentials.openbadges.vcdm import CONTEXT_V1, CONTEXT_V2
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.model import JsonObject
from credentials.sealing.model import Means, Source
from credentials.sealing.rules import with_issuer

CONTEXT_STATUS = "https://www.w3.org/ns/credentials/status/v1"
"""Defines a status entry in credentials of VCDM 1.1, whose own context does not."""

AGAINST = ("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus")
"""What a holder would like to leave out: always shown of a selective disclosure credential, unless the caller chooses."""


def with_own_issuer(credential: JsonObject, instance: Instance, did: str) -> JsonObject:
    """The credential as the instance issues it.

    Raises ``Refused`` for one that breaks its data model or has a proof, ``IssuerMismatch`` for one of another issuer.
    """
    if "proof" in credential:
        raise Refused("MALFORMED_VALUE_ERROR", "It has a proof: it was issued already.", "/proof")
    named = credential if "issuer" in credential else {**credential, "issuer": did}
    read_model(named)  # before its issuer is replaced, so that a faulty one is told of
    issuer = named["issuer"]
    found = issuer["id"] if isinstance(issuer, dict) else issuer
    if found != did and not instance.replace_issuer:
        raise IssuerMismatch(f"this instance issues as {did}: name it as the issuer, or leave the issuer out")
    return with_issuer(named, did)


def with_statuses(credential: JsonObject, bits: Sequence[StatusBit]) -> JsonObject:
    """The credential with a status entry for each bit, after those that it has."""
    if not bits:
        return credential
    entries = [*one_or_many(credential.get("credentialStatus")), *map(status_entry, bits)]
    contexts = one_or_many(credential["@context"])
    if contexts[0] == CONTEXT_V1 and not {CONTEXT_STATUS, CONTEXT_V2}.intersection(contexts):
        contexts = [*contexts, CONTEXT_STATUS]
    return {
        **credential,
        "@context": contexts,
        "credentialStatus": entries[0] if len(entries) == 1 else entries,
    }


def means_for(instance: Instance, credential: JsonObject, mandatory: Sequence[str] | None) -> Means:
    """How this credential is secured. ``mandatory`` are the caller's JSON Pointers, ``None`` where they do not choose.

    A status that the instance itself gives is always shown: else whoever is revoked would leave it out.
    """
    if instance.suite != ecdsa_sd_2023.NAME:
        if mandatory is not None:
            raise Refused("MALFORMED_VALUE_ERROR", f"{instance.suite} has no mandatory pointers.", "/mandatoryPointers")
        return instance.means
    if mandatory is None:
        chosen = [f"/{name}" for name in AGAINST if name in credential]
    else:
        chosen = [*mandatory, *(["/credentialStatus"] if instance.status else [])]
    return Means(instance.suite, instance.key_type, tuple(dict.fromkeys(chosen)))


def source_of(
    instance: Instance, credential: JsonObject, mandatory: Sequence[str] | None, key: str, now: datetime
) -> Source:
    """What the credential is issued for. Asked again with the same key, or with the same credential that has an id, it is the
    same source. One without either is another one in another second: in the same one its proof would be the same, too."""
    if key:
        told = f"key {key}"
    else:
        asked = msgspec.json.encode([credential, mandatory], order="deterministic").decode()
        told = f"credential {asked}" if "id" in credential else f"credential {asked} at {format_date_time(now)}"
    return Source("vc-api", f"{instance.name}:{hashlib.sha256(told.encode()).hexdigest()}")


def is_of(sealed: JsonObject, asked: JsonObject) -> bool:
    """Whether a document that was sealed is what is asked for now, but for what the instance adds."""
    added = {"@context", "credentialStatus", "issuer"}
    return {k: v for k, v in sealed.items() if k not in added} == {k: v for k, v in asked.items() if k not in added}
