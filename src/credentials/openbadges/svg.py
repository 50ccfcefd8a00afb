"""A credential inside an SVG (Open Badges 3.0, "SVG").

Baking cuts the text and joins it again around the new element, so that the rest stays octet for octet what the artist made.
Only UTF-8 is cut; any encoding that XML knows is read.
"""

import re
from typing import Any, NamedTuple

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from credentials.errors import Refused

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"

_PUBLISHED = re.compile(r"https?://www\.w3\.org/[!-~]{1,200}")
"""Where W3C keeps the DTDs of SVG, which drawing programs name. Another is there for somebody else's parser to fetch."""

MAX_ELEMENTS = 100_000
"""An SVG of 8 MiB can have two million elements, each of them a call from the parser."""

_ROOT = "{http://www.w3.org/2000/svg}svg"
_START_TAG = re.compile(rb"""<([^\s"'/>]+)(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_COMPACT_JWS = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")


class Element(NamedTuple):
    """An element that holds a credential: its expanded name, its ``verify`` attribute, its text, where in the file it stands,
    and whether it is a child of the root. ``text`` is ``None`` where there are elements in it."""

    tag: str
    verify: str | None
    text: str | None
    start: int
    end: int
    below_root: bool


class Drawing(NamedTuple):
    """What is to know of an SVG: where its root element starts, what it binds the prefix ``openbadges`` to, whether it is
    written in UTF-8, and what is baked into it."""

    root: int
    prefix: str | None
    utf8: bool
    elements: tuple[Element, ...]


def read(image: bytes, tags: frozenset[str]) -> Drawing:
    """The elements of ``image`` whose expanded name (``{namespace}name``) is one of ``tags``.

    Nothing is fetched: a DOCTYPE may name a DTD of W3C's, as those that drawing programs write do, and it stays unread. Raises
    ``Refused`` with ``xml-entity-forbidden`` for a DTD in the file itself or anywhere else, ``PARSING_ERROR`` for text that is
    not XML, ``no-baked-credential`` where the root is no ``svg``, ``image-malformed`` above ``MAX_ELEMENTS``.
    """
    try:
        return _Reader(image, tags).read()
    except DefusedXmlException:
        raise Refused("xml-entity-forbidden", "An SVG with a DTD of its own is not read.") from None
    except (ParseError, ValueError, LookupError):
        raise Refused("PARSING_ERROR", "This SVG is not well-formed XML.") from None


def with_element(image: bytes, credential: bytes) -> bytes:
    """``image`` with an ``openbadges:credential`` directly after its ``<svg>`` tag, in the place of any that it had: a compact
    JWS in the ``verify`` attribute, JSON in a CDATA section.

    Raises ``Refused`` as ``read`` does, and with ``image-malformed`` for an SVG in another encoding than UTF-8.
    """
    drawing = read(image, frozenset({f"{{{NAMESPACE}}}credential"}))
    if not drawing.utf8:
        raise Refused("image-malformed", "A credential is baked into an SVG in UTF-8 only.")
    for element in reversed(drawing.elements):
        image = image[: element.start] + image[element.end :]
    tag = _start_tag(image, drawing.root)
    root, rest = image[drawing.root : tag.end()], image[tag.end() :]
    declaration = f' xmlns:openbadges="{NAMESPACE}"'.encode()
    own = b""
    if drawing.prefix is None:
        root = b"<" + tag[1] + declaration + root[1 + len(tag[1]) :]
    elif drawing.prefix != NAMESPACE:
        own = declaration  # a badge of Open Badges 2.0 has the prefix already, so ours is bound on our own element
    if root.endswith(b"/>"):
        root, rest = root[:-2] + b">", b"</" + tag[1] + b">" + rest
    return image[: drawing.root] + root + _written(credential, own) + rest


def _written(credential: bytes, attributes: bytes) -> bytes:
    if _COMPACT_JWS.fullmatch(credential):
        return b'<openbadges:credential%s verify="%s"></openbadges:credential>' % (attributes, credential)
    # "]]>" would end the section, so it is split over two; the two noncharacters that XML forbids can only stand in a string
    # of the JSON, where their escape means the same.
    text = credential.replace(b"]]>", b"]]]]><![CDATA[>")
    text = text.replace("\ufffe".encode(), b"\\ufffe").replace("\uffff".encode(), b"\\uffff")
    return b"<openbadges:credential%s><![CDATA[%s]]></openbadges:credential>" % (attributes, text)


def _start_tag(image: bytes, start: int) -> re.Match[bytes]:
    tag = _START_TAG.match(image, start)
    if tag is None:  # pragma: no cover - Expat has read it as a tag already
        raise Refused("image-malformed", "This SVG has a tag that cannot be found again.")
    return tag


class _Parser(DefusedXMLParser):
    """Expat without entities, and without a DTD in the file; W3C's own, which is elsewhere, is let be."""

    def defused_start_doctype_decl(
        self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: bool | int
    ) -> None:
        if has_internal_subset or not (sysid is None or _PUBLISHED.fullmatch(sysid)):
            raise DTDForbidden(name, sysid, pubid)


class _Reader:
    """What the parser reports, kept for the elements that hold a credential: no tree is built of the rest."""

    def __init__(self, image: bytes, tags: frozenset[str]) -> None:
        self._image, self._tags = image, tags
        self._parser: Any = _Parser(target=self, forbid_dtd=True)
        self._expat = self._parser.parser  # the places of events in the file are Expat's to tell
        self._expat.XmlDeclHandler = self._declaration
        self._utf8 = b"\0" not in image
        self._root = self._depth = self._count = 0
        self._prefix: str | None = None
        self._elements: list[Element] = []
        self._outer: Element | None = None
        self._outer_depth = 0
        self._text: list[str] | None = None

    def read(self) -> Drawing:
        self._parser.feed(self._image)
        self._parser.close()
        return Drawing(self._root, self._prefix, self._utf8, tuple(self._elements))

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
            self._utf8 = False

    def start_ns(self, prefix: str, uri: str) -> None:
        if self._depth == 0 and prefix == "openbadges":
            self._prefix = uri

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Refused("image-malformed", f"This SVG has more than {MAX_ELEMENTS} elements.")
        place = self._expat.CurrentByteIndex
        if self._depth == 0:
            self._root = place
            if tag != _ROOT:
                raise Refused("no-baked-credential", "This is not an SVG: its root element is another.")
        if self._outer is not None:
            self._text = None  # a credential is text, so one with an element inside is none
        elif tag in self._tags:
            self._outer = Element(tag, attributes.get("verify"), None, place, place, self._depth == 1)
            self._outer_depth = self._depth
            self._text = []
        self._depth += 1

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        self._depth -= 1
        if self._outer is None or self._depth != self._outer_depth:
            return
        text = None if self._text is None else "".join(self._text)
        end = self._end_of(self._outer.start) if self._utf8 else self._outer.start
        self._elements.append(self._outer._replace(text=text, end=end))
        self._outer = self._text = None

    def _end_of(self, start: int) -> int:
        """The end of the element that is just closing: of its only tag, or of its end tag, where the parser is."""
        tag = _start_tag(self._image, start)
        if tag[0].endswith(b"/>"):
            return tag.end()
        return self._image.index(b">", self._expat.CurrentByteIndex) + 1
