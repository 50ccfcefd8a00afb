"""The texts of QR codes in a picture: the program that ``qr`` runs apart. It reads the picture from its standard input and
tells JSON: ``texts``, or a ``code`` and a ``detail`` why there are none.

It imports nothing of ours, so that it starts in a moment, and so that whoever takes it over finds nothing there.
"""

import importlib
import io
import json
import sys
from typing import Any

from PIL import Image

MAX_PIXELS = 12_500_000
"""A photograph of a telephone: 50 MB while it is decoded. A JPEG may have sixteen times as many: it is decoded at a quarter."""

SIDE = 2_400
"""Pixels of the longer side in which a code is looked for. A code that fills a tenth of it still has 3 for each module."""

MAX_CODES = 16
MAX_TEXT = 16_384
"""Characters of one code; the largest has 7,089 digits."""

_JPEG_SCALE = 4
_FORMATS = {b"\x89": "PNG", b"\xff": "JPEG", b"R": "WEBP"}
"""By the first byte: whoever calls has seen that it is one of the three."""


def texts_in(octets: bytes) -> dict[str, Any]:
    """Each once, in the order in which they were found."""
    try:
        decoder = importlib.import_module("zxingcpp")
    except ImportError:
        said = "QR codes are not read here: the service was installed without the extra «qr»."
        return {"code": "unsupported-media-type", "detail": said}
    try:
        image = _pixels(octets, _FORMATS[octets[:1]])
        if isinstance(image, int):
            said = f"A picture of this kind has at most {image // 1_000_000} megapixels."
            return {"code": "image-too-large", "detail": said}
        found = [code.text for code in decoder.read_barcodes(image, decoder.BarcodeFormat.QRCode)[:MAX_CODES]]
    except Exception:  # noqa: BLE001 - a decoder of hostile bytes raises what it likes: whatever it is, there is no picture
        return {"code": "image-malformed", "detail": "This picture cannot be read."}
    return {"texts": list(dict.fromkeys(text for text in found if text and len(text) <= MAX_TEXT))}


def _pixels(octets: bytes, kind: str) -> Image.Image | int:
    """The picture in grey, no larger than is looked at; or how many pixels it may have at most."""
    with Image.open(io.BytesIO(octets), formats=[kind]) as image:
        most = MAX_PIXELS * _JPEG_SCALE**2 if kind == "JPEG" else MAX_PIXELS
        if image.width * image.height > most:
            return most
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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(texts_in(sys.stdin.buffer.read())))
