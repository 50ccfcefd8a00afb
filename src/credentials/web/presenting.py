"""How a credential comes to the desk: as the octets of a file, as an address where it is, or as a code on paper."""

import asyncio
import io
import re

from credentials.awards import service as awards
from credentials.errors import Fault, Malformed, NotFound, Refused, TooLarge, Unavailable
from credentials.fetch import Unreachable
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.web.parts import Parts

ACCEPT = "application/vc, application/vc+ld+json;q=0.9, application/jwt;q=0.9, image/png;q=0.8, image/svg+xml;q=0.8, */*;q=0.5"

MAX_PIXELS = 25_000_000
"""Of a picture that a code is looked for in: what a telephone takes, and 0.3 s of work."""
MAX_TEXT = 64 << 10
"""Characters of a code or a text that may be an address. The largest QR code holds 4,296."""

_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}")
_PICTURE = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")


class NoScanner(Unavailable):
    code = "no-scanner"


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text.strip()) is not None


def is_picture(octets: bytes) -> bool:
    """A picture of the kinds that cameras and screens make."""
    return octets.startswith(_PICTURE)


async def at_address(parts: Parts, url: str) -> bytes:
    """What is at an address: a page of ours by itself, anything else through the door to other machines, which looks nowhere
    inside a network. Raises ``Malformed`` with what to do about it."""
    url = url.strip()
    own = re.fullmatch(re.escape(parts.settings.base_url) + r"/badges/([A-Za-z0-9_-]{1,64})(?:[/?#].*)?", url)
    if own is not None:
        return await _shared(parts, own[1])
    try:
        return (await parts.fetch(url, accept=ACCEPT)).body
    except (Unreachable, Refused) as error:
        detail = f"nothing could be had from this address ({error.detail.removesuffix('.')}): get the file and choose it here"
        raise Malformed(detail, faults=(Fault(detail, "text", "unreachable"),)) from error


async def _shared(parts: Parts, share: str) -> bytes:
    try:
        async with parts.database.read() as session:
            award = await awards.shared(session, share)
            return (await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)).body
    except NotFound as error:
        raise Malformed(error.detail, faults=(Fault(error.detail, "text", "not-found"),)) from error


async def code_in(octets: bytes) -> str:
    """The text of the one QR code in a picture; empty where there is none. Raises ``Malformed`` for a picture that cannot be
    read or has several, ``NoScanner`` where the library for it is not installed."""
    texts = await asyncio.to_thread(_codes, octets)
    if len(texts) > 1:
        raise Malformed("there are several codes in this picture: cut it to the one that you mean")
    return texts.pop() if texts else ""


def _codes(octets: bytes) -> set[str]:
    from PIL import Image, ImageOps  # together they take 0.2 s to import, and few need them

    try:
        import zxingcpp
    except ImportError as error:
        raise NoScanner("codes are not read here: install the extra “qr”, or paste what the code says") from error
    try:
        with Image.open(io.BytesIO(octets), formats=("PNG", "JPEG", "WEBP", "GIF", "BMP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooLarge(f"the picture has more than {MAX_PIXELS // 1_000_000} megapixels: send a smaller one")
            grey = ImageOps.exif_transpose(image).convert("L")
    except Malformed:
        raise
    except Exception as error:  # a decoder of hostile octets raises what it likes
        raise Malformed("the picture cannot be read: take it anew") from error
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return {one.text for one in found if one.text and len(one.text) <= MAX_TEXT}


async def credential_of(parts: Parts, text: str) -> bytes:
    """What a text stands for that somebody pasted or a code says: the credential at an address, or the text itself."""
    return await at_address(parts, text) if is_address(text) else text.strip().encode()
