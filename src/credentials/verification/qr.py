"""The text of QR codes in a picture: a badge on paper, photographed or scanned.

The decoder is an extra (``pip install educator-credentials[qr]``). Pictures of strangers are decoded to pixels apart, in a
process that may be killed (``pixels``). The number of their pixels is looked at before.
"""

import re
from pathlib import Path

import msgspec

from credentials.apart import Apart, BrokeOff
from credentials.errors import Refused
from credentials.openbadges.baking import MAX_IMAGE

_KIND = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF(?=....WEBP)", re.DOTALL)
_PROGRAM = Path(__file__).with_name("pixels.py")


class _Told(msgspec.Struct, frozen=True):
    texts: tuple[str, ...] = ()
    code: str = ""
    detail: str = ""


def is_picture(octets: bytes) -> bool:
    """Whether it begins as a picture does that a camera or a scanner makes."""
    return _KIND.match(octets) is not None


async def texts_in_picture(apart: Apart, octets: bytes) -> tuple[str, ...]:
    """The texts of the QR codes in a PNG, JPEG or WebP, each once, in the order in which they were found.

    Raises ``Refused`` with ``unsupported-media-type`` for another kind of file, or where the decoder is not installed;
    ``image-too-large``; ``image-malformed``, also for what brings the decoder down. Raises ``TooBusy``.
    """
    if not is_picture(octets):
        raise Refused("unsupported-media-type", "QR codes are looked for in PNG, JPEG and WebP only.")
    if len(octets) > MAX_IMAGE:
        raise Refused("image-too-large", f"A picture has at most {MAX_IMAGE >> 20} MiB.")
    try:
        told = msgspec.json.decode(await apart(_PROGRAM, octets), type=_Told)
    except (BrokeOff, msgspec.MsgspecError):
        raise Refused(
            "image-malformed", "This picture could not be read within the limits of time and memory."
        ) from None
    match told.code:
        case "":
            return told.texts
        case "image-too-large":
            raise Refused("image-too-large", told.detail)
        case "unsupported-media-type":
            raise Refused("unsupported-media-type", told.detail)
        case _:
            raise Refused("image-malformed", told.detail or "This picture cannot be read.")
