"""A code on paper, seen by a camera: what it says."""

import asyncio
import io

from credentials.errors import Malformed, TooLarge, Unavailable

MAX_PIXELS = 25_000_000
"""Of a picture that a code is looked for in: what a telephone takes, and 0.3 s of work."""
MAX_TEXT = 64 << 10
"""Characters of a code. The largest QR code holds 4,296."""

_PICTURE = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")


class NoScanner(Unavailable):
    code = "no-scanner"


def is_picture(octets: bytes) -> bool:
    """A picture of the kinds that cameras and screens make."""
    return octets.startswith(_PICTURE)


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
