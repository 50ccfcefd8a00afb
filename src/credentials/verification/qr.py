"""The text of QR codes in a picture: a badge on paper, photographed or scanned.

The decoder is an extra (``pip install educator-credentials[qr]``). Pictures of strangers are decoded here, to pixels, so their
number is looked at before; run it off the event loop.
"""

import importlib
import io
import re

from PIL import Image

from credentials.errors import Refused
from credentials.openbadges.baking import MAX_IMAGE

MAX_PIXELS = 12_500_000
"""A photograph of a telephone: 50 MB while it is decoded. A JPEG may have sixteen times as many: it is decoded at a quarter."""

SIDE = 2_400
"""Pixels of the longer side in which a code is looked for. A code that fills a tenth of it still has 3 for each module."""

MAX_CODES = 16
MAX_TEXT = 16_384
"""Characters of one code; the largest has 7,089 digits."""

_FORMATS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}
_KIND = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF(?=....WEBP)", re.DOTALL)
_JPEG_SCALE = 4


def is_picture(octets: bytes) -> bool:
    """Whether it begins as a picture does that a camera or a scanner makes."""
    return _KIND.match(octets) is not None


def texts_in_picture(octets: bytes) -> tuple[str, ...]:
    """The texts of the QR codes in a PNG, JPEG or WebP, each once, in the order in which they were found.

    Raises ``Refused`` with ``unsupported-media-type`` for another kind of file, or where the decoder is not installed;
    ``image-too-large``; ``image-malformed``.
    """
    kind = _KIND.match(octets)
    if kind is None:
        raise Refused("unsupported-media-type", "QR codes are looked for in PNG, JPEG and WebP only.")
    if len(octets) > MAX_IMAGE:
        raise Refused("image-too-large", f"A picture has at most {MAX_IMAGE >> 20} MiB.")
    try:
        decoder = importlib.import_module("zxingcpp")
    except ImportError:
        raise Refused(
            "unsupported-media-type", "QR codes are not read here: the service was installed without the extra «qr»."
        ) from None
    image = _pixels(octets, _FORMATS[kind[0]])
    found = [code.text for code in decoder.read_barcodes(image, decoder.BarcodeFormat.QRCode)[:MAX_CODES]]
    return tuple(dict.fromkeys(text for text in found if text and len(text) <= MAX_TEXT))


def _pixels(octets: bytes, kind: str) -> Image.Image:
    """The picture in grey, no larger than is looked at."""
    try:
        with Image.open(io.BytesIO(octets), formats=[kind]) as image:
            most = MAX_PIXELS * _JPEG_SCALE**2 if kind == "JPEG" else MAX_PIXELS
            if image.width * image.height > most:
                raise Refused("image-too-large", f"A picture of this kind has at most {most // 1_000_000} megapixels.")
            if image.width * image.height > MAX_PIXELS:
                image.draft("L", (image.width // _JPEG_SCALE, image.height // _JPEG_SCALE))
            if "transparency" in image.info or image.mode in {"RGBA", "LA", "PA"}:
                upright = image.convert("RGBA")
                ground = Image.new("RGBA", upright.size, "white")
                grey = Image.alpha_composite(ground, upright).convert("L")
            else:
                grey = image.convert("L")
            grey.thumbnail((SIDE, SIDE))
            return grey
    except Refused:
        raise
    except Exception as error:  # a decoder of hostile bytes raises what it likes: whatever it is, there is no picture
        raise Refused("image-malformed", "This picture cannot be read.") from error
