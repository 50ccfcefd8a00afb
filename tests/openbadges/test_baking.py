"""A credential goes into a picture and comes out again, and nothing else does."""

import gzip
import io
import json
import struct
import zlib
from itertools import pairwise

import pytest
from badges import a_document
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sentences import refusal, sentences

from credentials.errors import Refused
from credentials.openbadges.art import Face, render_png, render_svg
from credentials.openbadges.baking import MAX_CREDENTIAL, MAX_IMAGE, Standard, bake, extract
from credentials.openbadges.png import MAX_CHUNKS, chunks
from credentials.openbadges.svg import MAX_ELEMENTS

OB = "https://purl.imsglobal.org/ob/v3p0"
JSON = json.dumps(a_document()).encode()
JWS = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkaWQ6d2ViOmFsZGVyLmV4YW1wbGUifQ.c2lnbmF0dXJl"
FACE = Face(id="urn:x:1", title="Checking for understanding", issuer="Alder")

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
PIXELS = zlib.compress(b"\0\0")


def chunk(kind, data, checksum=None):
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) if checksum is None else checksum)
    )


def a_png(*extra, header=HEADER, end=b""):
    """A PNG of one pixel with ``extra`` chunks before its pixels."""
    return SIGNATURE + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", PIXELS) + chunk(b"IEND", end)


def itxt(text, keyword=b"openbadgecredential", flag=b"\0", method=b"\0", language=b"", translated=b""):
    return chunk(b"iTXt", keyword + b"\0" + flag + method + language + b"\0" + translated + b"\0" + text)


def an_svg(inside="", root="", before=""):
    return (
        f'{before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="{OB}" viewBox="0 0 16 16"{root}>'
        f'{inside}<rect width="16" height="16"/></svg>'
    ).encode()


def baked(text):
    return f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"


# Out again

json_texts = st.recursive(
    st.none() | st.integers() | st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.just("]]>"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
).map(lambda value: json.dumps({"credential": value}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
json_texts = json_texts.filter(lambda text: text.decode("utf-8", "replace").encode() == text)
tokens = st.from_regex(rb"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{1,40}", fullmatch=True)


@given(json_texts | tokens)
@settings(deadline=None)
def test_what_was_baked_into_a_png_comes_out_octet_for_octet(credential):
    assert extract(bake(a_png(), credential)) == (Standard.OPEN_BADGES_3, credential)


@given(json_texts | tokens)
@settings(deadline=None)
def test_what_was_baked_into_an_svg_comes_out_the_same(credential):
    standard, found = extract(bake(an_svg(), credential))
    assert standard is Standard.OPEN_BADGES_3
    if credential.startswith(b"{"):
        assert json.loads(found) == json.loads(credential)
    else:
        assert found == credential


@given(st.lists(json_texts | tokens, min_size=2, max_size=3))
@settings(deadline=None, max_examples=30)
def test_baking_again_replaces(credentials):
    for picture in (a_png(), an_svg(), an_svg(root=' id="x"', before="<!-- & -->"), render_svg(FACE)):
        again = picture
        for credential in credentials:
            again = bake(again, credential)
        assert again == bake(picture, credentials[-1])


@pytest.mark.parametrize("credential", [JSON, JWS], ids=["with an embedded proof", "as a JWT"])
def test_our_own_pictures_can_be_baked_and_still_be_seen(credential):
    with Image.open(io.BytesIO(bake(render_png(FACE), credential))) as picture:
        picture.load()
        assert picture.size == (600, 600)
        assert picture.text["openbadgecredential"].encode() == credential
    root = fromstring(bake(render_svg(FACE), credential))
    assert root[0].tag == f"{{{OB}}}credential"


# How the standard has it written


def test_a_png_gets_one_uncompressed_chunk_without_language_and_keeps_its_others():
    picture = render_png(FACE)
    before, after = list(chunks(picture)), list(chunks(bake(picture, JSON)))
    (added,) = [one for one in after if one.data.startswith(b"openbadgecredential\0")]
    assert added.kind == b"iTXt"
    assert added.data == b"openbadgecredential\0\0\0\0\0" + JSON
    assert [(one.kind, one.data) for one in after if one is not added] == [(one.kind, one.data) for one in before]
    assert all(one.end == following.start for one, following in pairwise(after))


@sentences(
    ("credential", "element"),
    {
        "a JWT is an attribute, and the body is empty": (
            JWS,
            b'<openbadges:credential verify="' + JWS + b'"></openbadges:credential>',
        ),
        "JSON is a CDATA section": (JSON, b"<openbadges:credential><![CDATA[" + JSON + b"]]></openbadges:credential>"),
        "JSON with the end of a section in it is two sections": (
            b'{"a":"]]>"}',
            b'<openbadges:credential><![CDATA[{"a":"]]]]><![CDATA[>"}]]></openbadges:credential>',
        ),
        "JSON with a noncharacter has its escape": (
            '{"a":"\uffff"}'.encode(),
            b'<openbadges:credential><![CDATA[{"a":"\\uffff"}]]></openbadges:credential>',
        ),
    },
)
def test_an_svg_gets_its_element_directly_after_the_root_tag(credential, element):
    assert bake(an_svg(), credential) == an_svg(element.decode())


@sentences(
    ("picture", "expected"),
    {
        "a root that is closed at once is opened": (
            b'<svg xmlns="http://www.w3.org/2000/svg"/>',
            b'<svg xmlns:openbadges="%s" xmlns="http://www.w3.org/2000/svg">%s</svg>',
        ),
        "a root with a prefix keeps it": (
            b'<s:svg xmlns:s="http://www.w3.org/2000/svg" ><s:g/></s:svg >',
            b'<s:svg xmlns:openbadges="%s" xmlns:s="http://www.w3.org/2000/svg" >%s<s:g/></s:svg >',
        ),
        "tags in comments and attributes are no tags": (
            b"<?xml version='1.0'?><!-- <svg> --><svg a='<>' b=\"'>\" xmlns='http://www.w3.org/2000/svg'></svg>".replace(
                b"'<>'", b"'&lt;>'"
            ),
            b"<?xml version='1.0'?><!-- <svg> --><svg xmlns:openbadges=\"%s\" a='&lt;>' b=\"'>\" xmlns='http://www.w3.org/2000/svg'>%s</svg>",
        ),
        "a DTD that is named elsewhere stays, and is not read": (
            b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/SVG/1.1/svg11.dtd">\n<svg xmlns="http://www.w3.org/2000/svg"></svg>\n',
            b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/SVG/1.1/svg11.dtd">\n<svg xmlns:openbadges="%s" xmlns="http://www.w3.org/2000/svg">%s</svg>\n',
        ),
        "a byte order mark stays": (
            b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg">\xc3\xa9</svg>',
            b'\xef\xbb\xbf<svg xmlns:openbadges="%s" xmlns="http://www.w3.org/2000/svg">%s\xc3\xa9</svg>',
        ),
    },
)
def test_the_rest_of_an_svg_stays_octet_for_octet(picture, expected):
    element = b'<openbadges:credential verify="' + JWS + b'"></openbadges:credential>'
    assert bake(picture, JWS) == expected % (OB.encode(), element)
    assert extract(bake(picture, JWS)).credential == JWS


def test_a_badge_of_2_0_keeps_its_prefix_beside_one_of_3_0():
    old = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org">'
        b'<openbadges:assertion verify="a.b.c"/></svg>'
    )
    assert extract(old) == (Standard.OPEN_BADGES_2, b"a.b.c")
    both = bake(old, JWS)
    assert extract(both) == (Standard.OPEN_BADGES_3, JWS)
    assert b'<openbadges:assertion verify="a.b.c"/>' in both


# What others write


@sentences(
    ("picture", "expected"),
    {
        "a chunk after the pixels": (
            SIGNATURE + chunk(b"IHDR", HEADER) + chunk(b"IDAT", PIXELS) + itxt(JSON) + chunk(b"IEND", b""),
            JSON,
        ),
        "a chunk with a language": (a_png(itxt(JSON, language=b"en", translated="clé".encode())), JSON),
        "space around it": (a_png(itxt(b" \n" + JWS + b"\n")), JWS),
        "other text beside it, compressed or not": (
            a_png(chunk(b"tEXt", b"Software\0x"), chunk(b"zTXt", b"a\0\0x"), itxt(JSON)),
            JSON,
        ),
        "something after the end": (a_png(itxt(JSON)) + b"PK\x03\x04", JSON),
        "space around the section in an SVG": (
            an_svg(f"\n<openbadges:credential>\n  <![CDATA[{JSON.decode()}]]>\n</openbadges:credential>"),
            JSON,
        ),
        "text without a section": (
            an_svg('<openbadges:credential>{"a":"&lt;&amp;&#233;"}</openbadges:credential>'),
            '{"a":"<&é"}'.encode(),
        ),
        "an element that is closed at once": (an_svg('<openbadges:credential verify="a.b.c"/>'), b"a.b.c"),
        "another prefix": (
            an_svg('<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0" verify="a.b.c"/>'),
            b"a.b.c",
        ),
        "an instruction to a browser": (
            an_svg(baked("{}"), before='<?xml-stylesheet href="http://x.example/x.xsl"?>'),
            b"{}",
        ),
        "UTF-16": (
            an_svg(baked('{"a":"é"}'), before='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
            '{"a":"é"}'.encode(),
        ),
        "Latin-1": (
            an_svg(baked('{"a":"é"}'), before='<?xml version="1.0" encoding="ISO-8859-1"?>').decode().encode("latin-1"),
            '{"a":"é"}'.encode(),
        ),
    },
)
def test_a_credential_of_open_badges_3_is_found(picture, expected):
    assert extract(picture) == (Standard.OPEN_BADGES_3, expected)


@sentences(
    ("picture", "expected"),
    {
        "a learner record in a PNG": (a_png(itxt(JSON, keyword=b"clrcredential")), Standard.CLR_2),
        "a learner record in an SVG": (
            an_svg('<c:credential xmlns:c="https://purl.imsglobal.org/clr/v2p0" verify="a.b.c"/>'),
            Standard.CLR_2,
        ),
        "a badge of 2.0": (a_png(itxt(b"https://x.example/a", keyword=b"openbadges")), Standard.OPEN_BADGES_2),
        "a badge of 1.0": (a_png(chunk(b"tEXt", b"openbadges\0https://x.example/a")), Standard.OPEN_BADGES_2),
        "a badge of 2.0 beside one of 3.0": (
            a_png(itxt(b"https://x.example/a", keyword=b"openbadges"), itxt(JSON)),
            Standard.OPEN_BADGES_3,
        ),
    },
)
def test_a_picture_says_which_standard_its_credential_is_of(picture, expected):
    assert extract(picture).standard is expected


# What is refused


@sentences(
    ("picture", "code"),
    {
        "nothing": (b"", "unsupported-media-type"),
        "a JPEG": (b"\xff\xd8\xff\xe0", "unsupported-media-type"),
        "a compressed SVG": (gzip.compress(an_svg(baked("{}"))), "unsupported-media-type"),
        "too large a picture": (SIGNATURE + b"\0" * MAX_IMAGE, "image-too-large"),
        "a PNG without a credential": (a_png(), "no-baked-credential"),
        "another keyword": (a_png(itxt(JSON, keyword=b"OpenBadgeCredential")), "no-baked-credential"),
        "the older kind of text": (a_png(chunk(b"tEXt", b"openbadgecredential\0" + JSON)), "no-baked-credential"),
        "a credential after the end": (a_png() + itxt(JSON), "no-baked-credential"),
        "two credentials": (a_png(itxt(JSON), itxt(JSON)), "multiple-baked-credentials"),
        "a badge and a learner record": (
            a_png(itxt(JSON), itxt(JSON, keyword=b"clrcredential")),
            "multiple-baked-credentials",
        ),
        "compressed text": (a_png(itxt(zlib.compress(JSON), flag=b"\1")), "baked-compressed-text"),
        "the compressed kind of text": (
            a_png(chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(JSON))),
            "baked-compressed-text",
        ),
        "a flag that PNG does not know": (a_png(itxt(JSON, flag=b"\2")), "image-malformed"),
        "a chunk that ends too soon": (a_png(chunk(b"iTXt", b"openbadgecredential\0\0\0x")), "image-malformed"),
        "a wrong checksum": (a_png(chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0{}", checksum=1)), "image-malformed"),
        "a file that breaks off": (a_png(itxt(JSON))[:-30], "image-malformed"),
        "a file without an end": (a_png(itxt(JSON))[:-12], "image-malformed"),
        "only a signature": (SIGNATURE, "image-malformed"),
        "a length beyond the file": (SIGNATURE + struct.pack(">I", 2**31) + b"IHDR" + HEADER, "image-malformed"),
        "no pixels": (
            SIGNATURE + chunk(b"IHDR", bytes(8) + HEADER[8:]) + itxt(JSON) + chunk(b"IEND", b""),
            "image-malformed",
        ),
        "more pixels than a PNG can have": (
            SIGNATURE + chunk(b"IHDR", b"\xff" * 8 + HEADER[8:]) + itxt(JSON) + chunk(b"IEND", b""),
            "image-malformed",
        ),
        "no header": (SIGNATURE + itxt(JSON) + chunk(b"IEND", b""), "image-malformed"),
        "two headers": (a_png(chunk(b"IHDR", HEADER), itxt(JSON)), "image-malformed"),
        "a chunk whose type is no letters": (a_png(chunk(b"i\0Xt", b""), itxt(JSON)), "image-malformed"),
        "too many chunks": (a_png(*[chunk(b"abCd", b"")] * MAX_CHUNKS), "image-malformed"),
        "empty text": (a_png(itxt(b"")), "PARSING_ERROR"),
        "nothing but space": (a_png(itxt(b" \n\t ")), "PARSING_ERROR"),
        "text that is not UTF-8": (a_png(itxt(b'{"a":"\xff"}')), "PARSING_ERROR"),
        "a control character": (a_png(itxt(b'{"a":"\x07"}')), "PARSING_ERROR"),
        "too long a credential": (a_png(itxt(b"x" * (MAX_CREDENTIAL + 1))), "payload-too-large"),
        "an SVG without a credential": (an_svg(), "no-baked-credential"),
        "a page": (b"<html><body>{}</body></html>", "no-baked-credential"),
        "an svg of no namespace": (
            b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential verify="a.b.c"/></svg>',
            "no-baked-credential",
        ),
        "a credential of another namespace": (
            an_svg('<o:credential xmlns:o="https://purl.imsglobal.org/spec/ob/v3p0" verify="a.b.c"/>'),
            "no-baked-credential",
        ),
        "a credential deep in the drawing": (an_svg(f"<g>{baked('{}')}</g>"), "no-baked-credential"),
        "two elements": (an_svg(baked("{}") + baked("{}")), "multiple-baked-credentials"),
        "two elements, one deep in the drawing": (
            an_svg(baked("{}") + f"<g>{baked('{}')}</g>"),
            "multiple-baked-credentials",
        ),
        "an attribute and a text": (
            an_svg('<openbadges:credential verify="a.b.c">{}</openbadges:credential>'),
            "PARSING_ERROR",
        ),
        "an empty element": (an_svg("<openbadges:credential/>"), "PARSING_ERROR"),
        "an element inside": (an_svg("<openbadges:credential>{}<g/></openbadges:credential>"), "PARSING_ERROR"),
        "an element that is not closed": (an_svg(baked("{}"))[:-6], "PARSING_ERROR"),
        "two roots": (an_svg(baked("{}")) * 2, "PARSING_ERROR"),
        "an entity that nobody declared": (
            an_svg("<openbadges:credential>&x;</openbadges:credential>"),
            "PARSING_ERROR",
        ),
        "an encoding that nobody knows": (
            an_svg(baked("{}"), before='<?xml version="1.0" encoding="x-klingon"?>'),
            "PARSING_ERROR",
        ),
        "an encoding that is no alphabet": (
            an_svg(baked("{}"), before='<?xml version="1.0" encoding="hex"?>'),
            "PARSING_ERROR",
        ),
        "an entity": (
            an_svg("<openbadges:credential>&j;</openbadges:credential>", before='<!DOCTYPE svg [<!ENTITY j "{}">]>'),
            "xml-entity-forbidden",
        ),
        "a parameter entity elsewhere": (
            an_svg(before='<!DOCTYPE svg [<!ENTITY % d SYSTEM "http://x.example/e.dtd"> %d;]>'),
            "xml-entity-forbidden",
        ),
        "an external entity": (
            an_svg(before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "xml-entity-forbidden",
        ),
        "a DTD at a place that is not W3C's": (
            an_svg(baked("{}"), before='<!DOCTYPE svg SYSTEM "http://127.0.0.1/x.dtd">'),
            "xml-entity-forbidden",
        ),
        "a DTD at a place that only looks like W3C's": (
            an_svg(
                baked("{}"),
                before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "https://www.w3.org.x.example/a.dtd">',
            ),
            "xml-entity-forbidden",
        ),
        "an attribute that a DTD adds": (
            an_svg(
                "<openbadges:credential/>",
                before='<!DOCTYPE svg [<!ATTLIST openbadges:credential verify CDATA "a.b.c">]>',
            ),
            "xml-entity-forbidden",
        ),
        "too many elements": (an_svg("<g/>" * MAX_ELEMENTS), "image-malformed"),
    },
)
def test_a_picture_is_refused(picture, code):
    assert refusal(extract, picture) == (code, "")


@sentences(
    ("picture", "credential", "code"),
    {
        "into a JPEG": (b"\xff\xd8\xff\xe0", JSON, "unsupported-media-type"),
        "into a broken PNG": (a_png()[:-5], JSON, "image-malformed"),
        "into an SVG with a DTD of its own": (
            an_svg(before='<!DOCTYPE svg [<!ENTITY a "b">]>'),
            JSON,
            "xml-entity-forbidden",
        ),
        "into an SVG in UTF-16": (an_svg().decode().encode("utf-16"), JSON, "image-malformed"),
        "into an SVG in Latin-1": (
            an_svg(before='<?xml version="1.0" encoding="ISO-8859-1"?>'),
            JSON,
            "image-malformed",
        ),
        "nothing": (a_png(), b"", "PARSING_ERROR"),
        "what is not text": (a_png(), b"\xff\xfe", "PARSING_ERROR"),
        "what XML cannot hold": (an_svg(), b'{"a":"\x00"}', "PARSING_ERROR"),
        "too much": (a_png(), b"x" * (MAX_CREDENTIAL + 1), "payload-too-large"),
    },
)
def test_it_is_not_baked(picture, credential, code):
    assert refusal(bake, picture, credential) == (code, "")


def test_the_hostile_pictures_come_out_as_the_manifest_expects(rows):
    """Where a row expects this room's answer, it is that; where it expects a credential to be judged, one comes out."""
    elsewhere = {"upload/elf-named.png", "upload/svg-data-uri.svg"}  # rows of the upload, where other rules hold
    seen = 0
    for row in rows(".png", ".svg"):
        if row.name in elsewhere:
            continue
        seen += 1
        refused = refusal(extract, row.content)
        if refused is not None:
            assert f"reject:{refused[0]}" in row.outcomes, row.name
            continue
        found = extract(row.content)
        if found.standard is Standard.OPEN_BADGES_2:
            assert "indeterminate:ob2" in row.outcomes, row.name
        else:
            assert "accept" in row.outcomes, row.name
            assert found.standard is Standard.OPEN_BADGES_3
            assert found.credential.startswith((b"{", b"eyJ")), row.name
    assert seen >= 18


def test_what_has_not_the_signature_of_a_png_has_no_chunks():
    assert refusal(list, chunks(b"GIF89a")) == ("image-malformed", "")


PICTURES = [
    bake(a_png(), JSON),
    bake(a_png(), JWS),
    bake(an_svg(), JSON),
    bake(an_svg(), JWS),
    bake(render_svg(FACE), JWS),
]


@given(st.sampled_from(PICTURES), st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_picture_gives_a_credential_or_a_refusal_and_nothing_else(picture, data):
    octets = bytearray(picture)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(octets) - 1))
        octets[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    for call in (extract, lambda image: bake(image, JWS)):
        try:
            call(bytes(octets))
        except Refused:
            continue


@given(st.binary(max_size=200))
def test_no_octets_do_harm(octets):
    for prefix in (b"", SIGNATURE, SIGNATURE + chunk(b"IHDR", HEADER), b"<svg ", b"<?xml version='1.0' encoding='"):
        try:
            extract(prefix + octets)
        except Refused:
            continue
