"""A verifiable presentation: what a holder shows, as far as its own form goes (VCDM 2.0, "Verifiable Presentations").

What is in it are documents of their own. They are judged each by itself, and nothing of the presentation is shown but them and
who signed it; so it has no members beyond those that it needs.
"""

from typing import Any

from msgspec import Struct

from credentials.errors import Refused
from credentials.openbadges.check import decode
from credentials.openbadges.shape import check_shape
from credentials.openbadges.terms import Iri, Iris, OneOrMany, Types, one_or_many
from credentials.openbadges.vcdm import CONTEXT_V1, CONTEXT_V2, FreeForm, Typed

KIND = "VerifiablePresentation"


class Holder(Struct, frozen=True, kw_only=True):
    id: Iri
    type: Types | None = None


class Presentation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"context": "@context"}):
    """``verifiableCredential`` holds objects and, in the form of VCDM 1.1, compact JWSs: documents of any kind, not read. There
    may be none: a holder who shows nothing may still say who they are."""

    context: Iris
    type: Types
    id: Iri | None = None
    holder: Iri | Holder | None = None
    verifiableCredential: list[Any] | dict[str, Any] | str | None = None
    termsOfUse: OneOrMany[Typed] | None = None
    proof: OneOrMany[FreeForm] | None = None

    @property
    def holder_id(self) -> str | None:
        return self.holder.id if isinstance(self.holder, Holder) else self.holder

    @property
    def members(self) -> list[Any]:
        return one_or_many(self.verifiableCredential)


def in_rdf(document: dict[str, Any]) -> dict[str, Any]:
    """A presentation without its empty list of credentials, if that is what it has: JSON-LD reads nothing in one, and our
    canonicalisation, which takes none, need not be asked."""
    if document.get("verifiableCredential") == []:
        return {name: value for name, value in document.items() if name != "verifiableCredential"}
    return document


def read_presentation(document: dict[str, Any]) -> Presentation:
    """The presentation that a JSON object says.

    Raises ``Refused`` as ``check.read_model`` does. The form of what is in it is not looked at, save that each is an object or
    a string, and none of them empty.
    """
    check_shape({name: value for name, value in document.items() if name != "verifiableCredential"})
    presentation = decode(document, Presentation)
    if KIND not in presentation.type or "VerifiableCredential" in presentation.type:
        raise Refused("MALFORMED_VALUE_ERROR", f"The type must include {KIND}, and no credential's.", "/type")
    if presentation.context[0] not in (CONTEXT_V2, CONTEXT_V1):
        raise Refused("MALFORMED_VALUE_ERROR", f"The first context must be {CONTEXT_V2} or {CONTEXT_V1}.", "/@context")
    if document.get("verifiableCredential", "") is None:
        raise Refused("MALFORMED_VALUE_ERROR", "null is no credential: leave the member out.", "/verifiableCredential")
    for index, member in enumerate(presentation.members):
        if not member or not isinstance(member, dict | str):
            raise Refused(
                "MALFORMED_VALUE_ERROR", "A credential is an object or a token.", f"/verifiableCredential/{index}"
            )
    return presentation
