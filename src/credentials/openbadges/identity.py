"""Who a badge is about, without saying it to everybody (Open Badges 3.0, "IdentityHash", "Verify the Recipient Using an
Identifier")."""

import hashlib
import hmac
from typing import Literal

from credentials.openbadges.model import IdentityObject

_ALGORITHMS = {"sha256": hashlib.sha256, "md5": hashlib.md5}
"""MD5 is the standard's own second algorithm: compared with, never written."""


def identity_hash(identifier: str, salt: str = "", algorithm: Literal["sha256", "md5"] = "sha256") -> str:
    """``sha256$`` and the hash over the UTF-8 of ``identifier`` and then ``salt``, in hexadecimal digits. The identifier is
    taken as it is: whoever issues decides whether ``A@example.org`` is ``a@example.org``."""
    return f"{algorithm}${_ALGORITHMS[algorithm]((identifier + salt).encode()).hexdigest()}"


def matches(identity: IdentityObject, identifier: str, identifier_type: str) -> bool:
    """Whether ``identity`` is ``identifier``. An identity of another type says nothing about it, and so does not match."""
    if identity.identityType != identifier_type:
        return False
    if not identity.hashed:
        return identity.identityHash == identifier
    algorithm: Literal["sha256", "md5"] = "md5" if identity.identityHash.startswith("md5$") else "sha256"
    expected = identity_hash(identifier, identity.salt or "", algorithm)
    return hmac.compare_digest(expected.encode(), identity.identityHash.lower().encode())
