"""Archives, tables of links and lines of JSON are split under caps, and one bad item harms no other."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.verification.containers import (
    MAX_ENTRY,
    MAX_ITEMS,
    MAX_UNPACKED,
    items_of_json_lines,
    items_of_zip,
    links_of_csv,
)


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, body in entries:
            packed.writestr(zipfile.ZipInfo(name), body, method)  # whose date is always the same
    return out.getvalue()


def refusal(split: object, octets: bytes) -> str:
    with pytest.raises(Refused) as caught:
        split(octets)  # type: ignore[operator]
    return caught.value.code


def test_an_archive_is_its_files_in_their_order_without_what_systems_add() -> None:
    given_ = archive(
        ("b/two.json", b"{}"),
        ("__MACOSX/b/._two.json", b"x"),
        ("a.png", b"\x89PNG"),
        ("b/.DS_Store", b"x"),
        ("c/", b""),
    )
    assert [(item.label, item.octets) for item in items_of_zip(given_)] == [
        ("b/two.json", b"{}"),
        ("a.png", b"\x89PNG"),
    ]


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "..\\x", "\\\\host\\x", "C:\\x", "a\nb"])
def test_an_archive_with_an_entry_that_climbs_out_is_refused(name: str) -> None:
    assert refusal(items_of_zip, archive(("ok.json", b"{}"), (name, b"{}"))) == "archive-invalid"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_two_entries_of_one_name_is_refused() -> None:
    assert refusal(items_of_zip, archive(("a.json", b"{}"), ("a.json", b"[]"))) == "archive-invalid"


def test_a_bomb_is_refused_by_what_it_says_of_itself_and_by_what_comes_out_of_it() -> None:
    bomb = archive(("a.json", b"\0" * (MAX_ENTRY + 1)))
    assert refusal(items_of_zip, bomb) == "archive-bomb"
    size = (MAX_ENTRY + 1).to_bytes(4, "little")
    liar = bomb.replace(size, (100).to_bytes(4, "little"))
    assert liar != bomb
    (item,) = items_of_zip(liar)  # it claims 100 octets: what follows is not unpacked, and its checksum is wrong
    assert item.fault is not None
    assert refusal(items_of_zip, archive(("a", b"\0" * (2 << 20)))) == "archive-bomb"
    many = archive(*((f"{number}", b"\0" * (MAX_ENTRY // 2)) for number in range(2 * MAX_UNPACKED // MAX_ENTRY + 1)))
    assert refusal(items_of_zip, many) == "archive-bomb"
    crowd = archive(*((str(number), b"") for number in range(MAX_ITEMS + 1)), method=zipfile.ZIP_STORED)
    assert refusal(items_of_zip, crowd) == "archive-bomb"


def test_an_archive_in_an_archive_stays_packed() -> None:
    inner = archive(("a.json", b"{}"))
    (item,) = items_of_zip(archive(("inner.zip", inner)))
    assert item.octets == inner


def test_a_damaged_or_locked_entry_harms_no_other() -> None:
    good = archive(("a.json", b'{"a": 1}'), ("b.json", b'{"b": 2}'), method=zipfile.ZIP_STORED)
    damaged, whole = items_of_zip(good.replace(b'{"a": 1}', b'{"a": 2}'))
    assert damaged.fault is not None
    assert damaged.fault.code == "archive-invalid"
    assert whole.octets == b'{"b": 2}'
    places = [at for at in range(len(good) - 3) if good[at : at + 4] in (b"PK\x03\x04", b"PK\x01\x02")]
    locked = bytearray(good)
    for at in (places[0], places[2]):
        locked[at + (6 if good[at + 2] == 3 else 8)] |= 1
    first, second = items_of_zip(bytes(locked))
    assert first.fault is not None
    assert second.octets == b'{"b": 2}'


@pytest.mark.parametrize(
    "octets",
    [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), archive(("a", b"{}"))[:-30]],
    ids=["nothing", "a beginning", "an empty one", "one without its end"],
)
def test_what_is_no_archive_or_an_empty_one_is_refused(octets: bytes) -> None:
    assert refusal(items_of_zip, octets) == "archive-invalid"


@given(st.binary(max_size=60), st.integers(0, 140), st.integers(1, 255))
def test_a_changed_archive_is_split_or_refused_and_nothing_else(body: bytes, place: int, change: int) -> None:
    octets = bytearray(archive(("a.json", body), ("b.json", b"{}")))
    octets[place % len(octets)] ^= change
    assert split_or_refused(bytes(octets)) in {"split", "archive-invalid", "archive-bomb"}


def split_or_refused(octets: bytes) -> str:
    try:
        items_of_zip(octets)
    except Refused as refused:
        return refused.code
    return "split"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (
            "url\nhttps://a.example/1\n\nhttps://a.example/2\n",
            [("row 2", "https://a.example/1"), ("row 4", "https://a.example/2")],
        ),
        ("Name;Link\r\nAda;https://a.example/1\r\n", [("row 2: Ada", "https://a.example/1")]),
        (
            "\ufeffhttps://a.example/1\nhttps://a.example/2",
            [("row 1", "https://a.example/1"), ("row 2", "https://a.example/2")],
        ),
        ('id\turl\n7\t" https://a.example/1 "\n', [("row 2: 7", "https://a.example/1")]),
    ],
    ids=["one column", "semicolons and names", "no heading", "tabs and quotes"],
)
def test_a_table_is_its_links(table: str, found: list[tuple[str, str]]) -> None:
    assert [(item.label, item.link) for item in links_of_csv(table.encode())] == found


def test_a_row_without_a_link_harms_no_other() -> None:
    first, second = links_of_csv(b"name,url\nAda,\nBea,https://a.example/1\n")
    assert first.fault is not None
    assert first.fault.code == "csv-invalid"
    assert second.link == "https://a.example/1"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\n\n",
        b"name,place\nAda,Alder\n",
        b"url\n",
        b"url\rhttps://a.example/1\r",
        b"sep=,\nurl\nhttps://a.example/1\n",
        "url\nhttps://a.example/1\n".encode("utf-16"),
        b"url\n\xff\n",
        b'url\n"https://a.example/1\n',
        b"url\n" + b"https://a.example/1\n" * (MAX_ITEMS + 1),
    ],
    ids=[
        "empty",
        "blank",
        "no column",
        "no row",
        "old line ends",
        "sep",
        "utf-16",
        "not utf-8",
        "open quote",
        "too many",
    ],
)
def test_what_is_no_table_of_links_is_refused(octets: bytes) -> None:
    assert refusal(links_of_csv, octets) == "csv-invalid"


def test_lines_are_credentials_tokens_and_links() -> None:
    lines = b'{"a": 1}\n\n aaa.bbb.ccc \r\n"https://a.example/1"\n"aaa.bbb.ccc"\n"open\n'
    items = items_of_json_lines(lines)
    assert [(item.label, item.octets, item.link) for item in items[:4]] == [
        ("line 1", b'{"a": 1}', ""),
        ("line 3", b"aaa.bbb.ccc", ""),
        ("line 4", b"", "https://a.example/1"),
        ("line 5", b"aaa.bbb.ccc", ""),
    ]
    assert items[4].fault is not None
    assert refusal(items_of_json_lines, b" \n\n") == "PARSING_ERROR"
    assert refusal(items_of_json_lines, b"1\n" * (MAX_ITEMS + 1)) == "payload-too-large"
