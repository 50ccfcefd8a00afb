"""The nouns of issuing for others (W3C CCG VC API, "Issuer Service")."""

import re

import msgspec

from credentials.errors import Conflict, Malformed, NotFound
from credentials.proofs import (
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
)
from credentials.proofs.model import KeyType
from credentials.sealing.model import SUITES, VC_JOSE, VC_JWT, Format, Means, means_of_lists
from credentials.status.model import Purpose

SOURCE = "vc-api"
"""The kind of source of what instances seal; one of ``sealing.model.OPEN_KINDS``."""

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,26}[a-z0-9])?")
"""It stands in an address, and with a prefix in the place of an owner's id, which has 36 characters."""


class Instance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One address that issues, with one suite and one type of key.

    ``organisation`` is the short name of the one that it signs for; without one it has an identity of its own, a did:key.
    ``status`` are the purposes for which it gives each credential a place in a list. ``replace_issuer``: whether a credential
    that names another issuer is issued with that name replaced, as interoperability tests expect, or refused.
    """

    name: str
    suite: str
    key_type: KeyType
    organisation: str = ""
    status: tuple[Purpose, ...] = ()
    replace_issuer: bool = False

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise ValueError("the name of an instance is written in small letters, digits and hyphens, 28 at most")
        if self.key_type not in SUITES.get(self.suite, ()):
            raise ValueError(f"{self.suite} is no suite, or does not work with a key of type {self.key_type}")
        if self.organisation and self.key_type is KeyType.ED25519 and self.means.format is Format.JWT:
            raise ValueError(
                "the Ed25519 key of an organisation is published for proofs: tokens of it are ES256 or ES384"
            )
        if len(set(self.status)) < len(self.status):
            raise ValueError("one place for each purpose")

    @property
    def means(self) -> Means:
        return Means(self.suite, self.key_type)

    @property
    def owner(self) -> str:
        """Whose keys and lists are used, where the instance has an identity of its own."""
        return f"vc-api:{self.name}"


class Instances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All instances of a deployment. ``default`` is the one behind the plain address."""

    default: str
    instances: tuple[Instance, ...]

    def __post_init__(self) -> None:
        names = [one.name for one in self.instances]
        if len(set(names)) < len(names) or self.default not in names:
            raise ValueError("each instance has a name of its own, and default is one of them")

    def named(self, name: str) -> Instance:
        """Raises ``NotFound``."""
        for one in self.instances:
            if one.name == (name or self.default):
                return one
        raise NotFound("there is no such issuer instance")

    @property
    def means_of_lists(self) -> dict[str, tuple[Means, ...]]:
        """How the status lists of instances with an identity of their own are secured, by owner."""
        return {one.owner: (means_of_lists(one.means),) for one in self.instances if not one.organisation}


_SHORT = {KeyType.ED25519: "eddsa", KeyType.P256: "es256", KeyType.P384: "es384"}


def _open(name: str, suite: str, key_type: KeyType, *status: Purpose) -> Instance:
    return Instance(name=name, suite=suite, key_type=key_type, status=status, replace_issuer=True)


INTEROPERABILITY = Instances(
    default=eddsa_rdfc_2022.NAME,
    instances=(
        _open(eddsa_rdfc_2022.NAME, eddsa_rdfc_2022.NAME, KeyType.ED25519),
        _open(eddsa_jcs_2022.NAME, eddsa_jcs_2022.NAME, KeyType.ED25519),
        *(
            _open(f"{suite}-{key_type.lower().replace('-', '')}", suite, key_type)
            for suite in (ecdsa_rdfc_2019.NAME, ecdsa_jcs_2019.NAME)
            for key_type in (KeyType.P256, KeyType.P384)
        ),
        _open(ecdsa_sd_2023.NAME, ecdsa_sd_2023.NAME, KeyType.P256),
        *(
            _open(f"{suite}-{short}", suite, key_type)
            for suite in (VC_JWT, VC_JOSE)
            for key_type, short in _SHORT.items()
        ),
        _open("bitstring-status-list", eddsa_rdfc_2022.NAME, KeyType.ED25519, *Purpose),
    ),
)
"""One instance for each suite and type of key, and one whose credentials have a status: where nothing else is configured."""


class IssuerMismatch(Malformed):
    code = "issuer-mismatch"


class SourceReused(Conflict):
    """The same key came with another credential."""

    code = "idempotency-key-reused"


class StatusFinal(Conflict):
    code = "revocation-is-final"
