"""How a credential comes to the desk: as the octets of a file, as an address where it is, or as a code on paper."""

import re

from credentials.awards import service as awards
from credentials.errors import Malformed, NotFound, Refused
from credentials.fetch import Unreachable
from credentials.receipts import service as receipts
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification import qr
from credentials.verification.gather import check_link
from credentials.web.asking import policy_of
from credentials.web.parts import Parts

ACCEPT = "application/vc, application/vc+ld+json;q=0.9, application/jwt;q=0.9, image/png;q=0.8, image/svg+xml;q=0.8, */*;q=0.5"


async def own_badge(parts: Parts, text: str) -> bytes | None:
    """The credential behind the address of a badge's public page here, or of a receipt; ``None`` for any other text. Raises
    ``Malformed`` for one that there is not (any more)."""
    own = re.escape(parts.settings.base_url) + r"/(badges|receipts)/([A-Za-z0-9_-]{1,64})(?:[/?#].*)?"
    found = re.fullmatch(own, text.strip())
    if found is None:
        return None
    try:
        async with parts.database.read() as session:
            if found[1] == "receipts":
                return (await receipts.receipt(session, found[2])).body
            award = await awards.shared(session, found[2])
            return (await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)).body
    except NotFound as error:
        raise Malformed(error.detail) from error


async def at_address(parts: Parts, url: str) -> bytes:
    """What is at an address: a page of ours by itself, anything else through the door to other machines, which looks nowhere
    inside a network. Raises ``Malformed``."""
    own = await own_badge(parts, url)
    if own is not None:
        return own
    try:
        check_link(url, policy_of(parts.settings))
        return (await parts.fetch(url, accept=ACCEPT)).body
    except (Unreachable, Refused) as error:
        raise Malformed(f"nothing could be had from {url}: {error.detail}") from error


async def code_in(parts: Parts, octets: bytes) -> str:
    """The text of the one QR code in a picture; empty where there is none, or there are several. Raises ``Refused`` for a
    picture that cannot be read."""
    texts = await qr.texts_in_picture(parts.memory.apart, octets)
    return texts[0] if len(texts) == 1 else ""
