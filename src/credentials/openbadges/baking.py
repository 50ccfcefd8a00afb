"""Baking: a credential put into a picture, and taken out of one (Open Badges 3.0, "Open Badges Document Formats").

What comes out is octets that somebody put there: no more trusted than any other upload.
"""

import re
from enum import StrEnum
from typing import Literal, NamedTuple, TypeVar

from credentials.errors import Refused
from credentials.openbadges import png, svg

T = TypeVar("T")

MAX_IMAGE = 8 * 1024 * 1024
"""Octets of a picture (SECURITY.md, section 3, step 1)."""

MAX_CREDENTIAL = 1024 * 1024
"""Octets of the credential in it."""


class Standard(StrEnum):
    """What a picture says that it holds."""

    OPEN_BADGES_3 = "openbadges-3"
    CLR_2 = "clr-2"
    OPEN_BADGES_2 = "openbadges-2"


class Baked(NamedTuple):
    """``credential`` is JSON or a compact JWS in UTF-8, as somebody baked it: no more trusted than any other upload. Of Open
    Badges 2.0 it may also be the address of an assertion, which is not to be fetched because a picture says so."""

    standard: Standard
    credential: bytes


MediaType = Literal["image/png", "image/svg+xml"]

_KEYWORD = b"openbadgecredential"
_KEYWORDS = {
    _KEYWORD: Standard.OPEN_BADGES_3,
    b"clrcredential": Standard.CLR_2,
    b"openbadges": Standard.OPEN_BADGES_2,
}
_TAGS = {
    f"{{{svg.NAMESPACE}}}credential": Standard.OPEN_BADGES_3,
    "{https://purl.imsglobal.org/clr/v2p0}credential": Standard.CLR_2,
    "{http://openbadges.org}assertion": Standard.OPEN_BADGES_2,
}

# What XML looks like in the encodings that it may have without saying so (XML 1.0, appendix F).
_XML = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<|\xff\xfe|\xfe\xff|<\0|\0<")
_SPACE = b" \t\r\n"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def media_type(image: bytes) -> MediaType:
    """What ``image`` is by its first octets; its name and its uploader do not count.

    Raises ``Refused`` with ``image-too-large`` or ``unsupported-media-type``.
    """
    if len(image) > MAX_IMAGE:
        raise Refused("image-too-large", f"A picture has at most {MAX_IMAGE} octets.")
    if image.startswith(png.SIGNATURE):
        return "image/png"
    if _XML.match(image):
        return "image/svg+xml"
    raise Refused("unsupported-media-type", "Credentials are baked into PNG and SVG only.")


def bake(image: bytes, credential: bytes) -> bytes:
    """``image`` with ``credential`` (JSON, or a compact JWS) in it, in the place of any that it had. Nothing else of it
    changes, save that octets after the end of a PNG are left behind.

    Raises ``Refused`` as ``media_type`` does; with ``image-malformed``, ``xml-entity-forbidden``, ``PARSING_ERROR`` or
    ``no-baked-credential`` for a picture that ``extract`` would refuse; and with ``PARSING_ERROR`` or ``payload-too-large`` for
    a credential that is not text, or too much of it.
    """
    kind = media_type(image)
    text = _text(credential)
    if kind == "image/png":
        return png.with_text(image, _KEYWORD, text)
    return svg.with_element(image, text)


def extract(image: bytes) -> Baked:
    """The credential in ``image``.

    Raises ``Refused`` as ``media_type`` does, and with:

    - ``no-baked-credential``, ``multiple-baked-credentials``;
    - ``baked-compressed-text``: a PNG's text chunk that is compressed;
    - ``image-malformed``: a PNG that breaks off or is not laid out as one;
    - ``xml-entity-forbidden``: an SVG with a DTD of its own;
    - ``PARSING_ERROR``: a credential that is empty, not UTF-8, or not text alone; an SVG that is not well-formed;
    - ``payload-too-large``: more than ``MAX_CREDENTIAL``.

    A picture with a badge of 2.0 beside one of 3.0, as whoever migrates makes them, is one of 3.0.
    """
    if media_type(image) == "image/png":
        chunks = png.texts(image, frozenset(_KEYWORDS))
        # Only Open Badges before 3.0 also wrote the older, Latin-1 kind of text chunk.
        found = [
            (_KEYWORDS[chunk.keyword], chunk.text)
            for chunk in chunks
            if chunk.kind == b"iTXt" or _KEYWORDS[chunk.keyword] is Standard.OPEN_BADGES_2
        ]
        standard, text = _only(found)
        return Baked(standard, _text(text))
    elements = svg.read(image, frozenset(_TAGS)).elements
    standard, element = _only([(_TAGS[element.tag], element) for element in elements])
    if not element.below_root:
        raise Refused("no-baked-credential", "The credential in an SVG stands directly below its root.")
    return Baked(standard, _text(_content(element).encode()))


def _only(found: list[tuple[Standard, T]]) -> tuple[Standard, T]:
    current = [one for one in found if one[0] is not Standard.OPEN_BADGES_2] or found
    if not current:
        raise Refused("no-baked-credential", "There is no credential in this picture.")
    if len(current) > 1:
        raise Refused("multiple-baked-credentials", "There is more than one credential in this picture.")
    return current[0]


def _content(element: svg.Element) -> str:
    if element.text is None or (element.verify is not None and element.text.strip()):
        raise Refused("PARSING_ERROR", "A credential in an SVG is a verify attribute or a text, and nothing else.")
    return element.text if element.verify is None else element.verify


def _text(credential: bytes) -> bytes:
    if len(credential) > MAX_CREDENTIAL:
        raise Refused("payload-too-large", f"A credential has at most {MAX_CREDENTIAL} octets.")
    text = credential.strip(_SPACE)
    try:
        readable = _CONTROL.search(text.decode()) is None
    except UnicodeDecodeError:
        readable = False
    if not text or not readable:
        raise Refused("PARSING_ERROR", "A baked credential is text in UTF-8.")
    return text
