"""The small parts that pages are made of."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from lxml import html
from markupsafe import escape

from credentials.errors import Conflict, Fault, Malformed, TooLarge
from credentials.review.model import DECLARED, ConflictKind, ReviewStage
from credentials.web.api.people import SignIn
from credentials.web.pages import engine, notes, words
from credentials.web.pages.forms import BLANK, Form, FormRefused
from credentials.web.pages.frame import place_of
from credentials.web.pages.page import further
from credentials.web.wire import read_cursor

REPOSITORY = Path(__file__).parents[3]
WEB = REPOSITORY / "src" / "credentials" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


def a_form(**fields: str | list[str]) -> Form:
    return Form({name: value if isinstance(value, list) else [value] for name, value in fields.items()}, {})


# Lists


@pytest.mark.parametrize("found", [[], ["a"], ["a", "b"]])
def test_a_list_of_which_no_more_was_found_than_is_shown_goes_on_nowhere(found: list[str]) -> None:
    assert further("/stacks", found, 2, lambda slug: (slug,)) == ""


def test_a_list_goes_on_behind_the_last_item_that_is_shown_and_asks_for_the_same() -> None:
    found = [("2026-09-01", "a"), ("2026-09-01", "b"), ("2026-09-02", "c")]
    address = urlsplit(further("/review", found, 2, lambda one: one, of="feedback & more", overdue="true"))
    asked = parse_qs(address.query)
    assert address.path == "/review"
    assert read_cursor(asked.pop("cursor")[0], 2) == ("2026-09-01", "b")
    assert asked == {"of": ["feedback & more"], "overdue": ["true"]}


# The frame


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/catalogue", "/catalogue"),
        ("/micro-credentials/feedback", "/catalogue"),
        ("/organisations/o1/pay/forecast", "/pay-office"),
        ("/organisations/o1/rules", "/rules-office"),
        ("/organisations/o1", "/organisations"),
        ("/organisationsx", ""),
        ("/", ""),
    ],
)
def test_the_navigation_tells_where_a_page_belongs(path: str, place: str) -> None:
    places = {"/catalogue", "/organisations", "/pay-office", "/rules-office"}
    assert place_of(path, places) == place


def test_a_page_belongs_nowhere_that_its_reader_has_no_way_to() -> None:
    assert place_of("/organisations/o1/pay", {"/organisations"}) == "/organisations"
    assert place_of("/licence-applications/a1", {"/licences"}) == "/licences"
    assert place_of("/licence-applications/a1", {"/licences", "/licences-office"}) == "/licences-office"


def test_a_day_on_record_is_written_as_every_other_day_and_anything_else_as_it_is() -> None:
    assert html.fromstring(f"<p>{engine.iso_day('2026-06-30')}</p>").text_content() == "June 30, 2026"
    for other in ("2026-13-01", "2026-06-30x", 3, None, "lifetime"):
        assert engine.iso_day(other) is other


# A rule's words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "1 more for “data”: item of data-talks; 2 more: item of feedback, rubric-writing or data.",
            "1 more for “data”: “Data & Talks”; 2 more: “Feedback”, rubric-writing or “Data”.",
        ),
        ("Item of data, earned on or after 2026-01-01", "“Data”, earned on or after 2026-01-01"),
        ("metadata and data_hours, data-points <b>", "metadata and data_hours, data-points <b>"),
    ],
)
def test_a_rule_calls_micro_credentials_by_their_titles_with_the_way_to_them(text: str, told: str) -> None:
    titles = {"data": "Data", "data-talks": "Data & Talks", "feedback": "Feedback"}
    assert html.fromstring(f"<p>{engine.titled(text, titles)}</p>").text_content() == told
    assert html.fromstring(f"<p>{engine.titled(text, titles, link=False)}</p>").text_content() == told
    assert engine.titled(text, {}) == escape(text)


def test_the_way_leads_to_the_micro_credential() -> None:
    told = engine.titled("Item of data.", {"data": "Data"})
    assert told == '“<a class="usa-link" href="/micro-credentials/data">Data</a>”.'
    assert engine.titled("Item of data.", {"data": "Data"}, link=False) == "“Data”."


# Forms


def test_a_missing_field_is_empty_and_the_last_of_several_counts() -> None:
    form = a_form(a=["x", "y"])
    assert (form["a"], form["b"], form.all("a"), form.all("b")) == ("y", "", ["x", "y"], [])


def test_a_line_has_no_space_around_it_and_lines_are_entries() -> None:
    form = a_form(a=" x ", b="one\n\n two \n")
    assert (form.line("a"), form.lines("b")) == ("x", ("one", "two"))


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "abc", "9" * 10, "١"])
def test_a_number_of_the_page_itself_is_nothing_else(typed: str) -> None:
    with pytest.raises(Malformed):
        a_form(revision=typed).number("revision")
    assert a_form(revision="12").number("revision") == 12


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        pytest.param("x" * 300, "this is too long: use at most 254 characters", id="too long"),
        pytest.param("x", "this is too short: use at least 3 characters", id="too short"),
    ],
)
def test_a_length_out_of_bounds_is_said_in_words_with_its_field(email: str, sentence: str) -> None:
    with pytest.raises(FormRefused) as refused:
        a_form().read(SignIn, email=email, password="x")
    assert refused.value.faults == (Fault(sentence, "email", "invalid"),)


def test_an_empty_field_is_asked_to_be_filled_in() -> None:
    with pytest.raises(FormRefused) as refused:
        a_form().read(SignIn, email="a@b.example", password="")
    assert refused.value.faults[0].detail == "fill this in"


def test_a_form_comes_back_with_what_was_typed_and_its_faults() -> None:
    failure = Malformed("wrong", faults=(Fault("no such thing", "/a", "x"),))
    filled = a_form(name="typed").back("one", failure, at={"/a": "name"})
    assert filled.value("one", "name") == "typed"
    assert filled.value("other", "name", "kept") == "kept"
    assert filled.fault("one", "name") == "no such thing"
    assert filled.fault("other", "name") == ""
    assert filled.status == 400


@pytest.mark.parametrize(("failure", "status"), [(Conflict("no"), 409), (TooLarge("no"), 413), (Malformed("no"), 400)])
def test_the_status_of_a_page_is_that_of_the_refusal(failure: Malformed, status: int) -> None:
    assert a_form().back("one", failure).status == status
    assert BLANK.status == 200


def test_the_sentence_without_a_place_stands_at_the_field_it_belongs_to() -> None:
    filled = a_form().back("one", Malformed("not so"), field="address")
    assert filled.fault("one", "address") == "not so"


# Words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("this is wrong", "This is wrong."),
        ("Already whole.", "Already whole."),
        ("really?", "Really?"),
        ("", ""),
    ],
)
def test_a_refusal_becomes_a_sentence(text: str, shown: str) -> None:
    assert engine.sentence(text) == shown


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1 KB"),
        (340_000, "332 KB"),
        (3 << 20, "3 MB"),
        (262_144_000, "250 MB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits(octets: int, shown: str) -> None:
    assert engine.size(octets) == shown


def test_a_list_of_choices_reads_like_speech() -> None:
    assert [engine.either(one) for one in ([], ["text"], ["text", "link"], ["text", "link", "picture"])] == [
        "",
        "text",
        "text or link",
        "text, link or picture",
    ]


def test_days_and_moments_are_for_people_and_for_programs() -> None:
    moment = datetime(2026, 9, 1, 8, 5, tzinfo=UTC)
    assert engine.day(moment) == '<time datetime="2026-09-01">September 1, 2026</time>'
    assert engine.moment(moment) == '<time datetime="2026-09-01T08:05:00+00:00">September 1, 2026, 08:05 UTC</time>'


def test_a_text_is_escaped_and_keeps_its_paragraphs_and_lines() -> None:
    assert engine.paragraphs("a <b>\nc\n\n\n d & e ") == "<p>a &lt;b&gt;<br>c</p><p>d &amp; e</p>"


def test_one_thing_and_several_things() -> None:
    assert [engine.counted(count, "file") for count in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_every_state_that_can_be_shown_has_a_word() -> None:
    for table in words.TABLES:
        members = type(next(iter(table)))
        shown = DECLARED if members is ConflictKind else set(members)  # the others are told in sentences
        assert set(table) == shown
        assert all(words.word_for(member).text for member in shown)


def test_what_is_no_state_has_no_word() -> None:
    with pytest.raises(KeyError):
        words.word_for(ReviewStage.CLAIMED)


# Assets


def test_every_icon_that_is_shown_is_in_the_sprite() -> None:
    script = (REPOSITORY / "tools" / "assets.mjs").read_text()
    listed = re.search(r"const ICONS = \[(.*?)\];", script, re.DOTALL)
    assert listed
    sprite = set(re.findall(r"'([a-z_]+)'", listed[1]))
    shown = {word.icon for table in words.TABLES for word in table.values() if word.icon} | {words.EXPIRED.icon}
    for template in TEMPLATES:
        source = template.read_text()
        shown |= set(re.findall(r'icon\("([a-z_]+)"', source))
        for chosen in re.findall(r'icon\(("[^)]*" if [^)]*)\)', source):
            shown |= set(re.findall(r'"([a-z_]+)"', chosen))
        shown |= set(re.findall(r'nothing\([^)]*, "([a-z_]+)"', source))
        shown |= set(re.findall(r'submit\([^)]*"([a-z]+_[a-z_]+)"\)', source))
    assert shown <= sprite, shown - sprite
    assert sprite <= shown, f"never shown: {sorted(sprite - shown)}"


def test_every_note_that_a_page_leaves_is_in_the_table() -> None:
    left = set()
    for module in (WEB / "pages").glob("*.py"):
        left |= set(re.findall(r'page\.go\((?:[^()]|\([^()]*\))*, "([a-z-]+)"\)', module.read_text()))
    assert left <= set(notes.NOTES), left - set(notes.NOTES)


def test_an_asset_has_another_address_when_its_content_changes(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    first = engine.asset_addresses(tmp_path)("a.css")
    (tmp_path / "a.css").write_text("b")
    second = engine.asset_addresses(tmp_path)("a.css")
    assert re.fullmatch(r"/static/a\.css\?v=[0-9a-f]{12}", first)
    assert first != second
    assert engine.asset_addresses(tmp_path)("not-built.css") == "/static/not-built.css"


def test_the_lock_of_the_node_packages_has_digests_and_names_no_registry() -> None:
    lock = (REPOSITORY / "package-lock.json").read_text()
    packages = msgspec.json.decode(lock)["packages"]
    asked = msgspec.json.decode((REPOSITORY / "package.json").read_bytes())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked["dependencies"].values())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked["devDependencies"].values())
    assert all(package.get("integrity") for name, package in packages.items() if name)
    assert not any("resolved" in package for package in packages.values())
    assert "registry" not in lock


def test_nothing_is_loaded_from_another_site() -> None:
    for path in (*TEMPLATES, WEB / "static" / "site.css", WEB / "static" / "site.js"):
        source = path.read_text()
        assert not re.findall(r"(?:src|srcset)=[\"']?https?:", source), path
        assert not re.findall(r"url\(\s*[\"']?https?:|@import", source), path
        assert not re.findall(r"fetch\(\s*[\"']https?:", source), path


def test_every_page_with_a_form_that_asks_before_it_is_left_has_the_script_that_does_so() -> None:
    pages = {str(path.relative_to(WEB / "templates")): path.read_text() for path in TEMPLATES}
    guarded = {name for name, text in pages.items() if "guarded(filled" in text or " data-unsaved" in text} - {
        "forms.html"
    }
    assert {name for name, text in pages.items() if "asset('unsaved.js')" in text} == guarded
    assert {"review/review.html", "evidence/submission.html", "review/moderation.html"} < guarded
