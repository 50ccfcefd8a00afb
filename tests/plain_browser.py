"""A browser without JavaScript: it opens pages, follows links and sends forms, and looks over every page that it is shown."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from builders import PASSWORD
from lxml import html

ORIGIN = "http://alder.test"


class Shown:
    """A page as it was answered."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.path = answer.request.url.raw_path.decode()
        self.headers = answer.headers
        self.source = answer.text
        self.document = html.document_fromstring(answer.text)

    @property
    def text(self) -> str:
        """What a reader reads, in one line."""
        return read(self.document.find(".//body"))

    @property
    def main(self) -> str:
        return read(self.document.get_element_by_id("main"))

    @property
    def heading(self) -> str:
        return " ".join(self.document.find(".//h1").text_content().split())

    @property
    def title(self) -> str:
        return " ".join(self.document.findtext(".//title").split())

    def links(self, pattern: str) -> list[str]:
        """The addresses of links that match, in order, each once."""
        found = [link.get("href") for link in self.document.iter("a") if re.fullmatch(pattern, link.get("href") or "")]
        return list(dict.fromkeys(found))

    def link(self, words: str) -> str:
        """The address of the link with these words."""
        for link in self.document.iter("a"):
            if words in " ".join(link.text_content().split()):
                return str(link.get("href"))
        raise AssertionError(f"{self.path} has no link “{words}”")

    def form(self, action: str) -> html.FormElement:
        """The form whose action ends so."""
        for form in self.document.forms:
            if (form.get("action") or "").endswith(action):
                return form
        raise AssertionError(
            f"{self.path} has no form {action}: {[form.get('action') for form in self.document.forms]}"
        )

    def has_form(self, action: str) -> bool:
        return any((form.get("action") or "").endswith(action) for form in self.document.forms)

    def value(self, field_id: str) -> str:
        """What a field holds, by its id."""
        field = self.document.get_element_by_id(field_id)
        return str(field.value if field.value is not None else "")

    def errors(self) -> list[str]:
        """What is said to be wrong, at the fields."""
        found = self.document.find_class("usa-error-message")
        return [" ".join(one.text_content().split()).removeprefix("Error: ") for one in found]


def read(element: html.HtmlElement) -> str:
    """The words of an element and those in it, each apart from the next, and punctuation where it belongs."""
    return re.sub(r" (?=[.,:;)”])", "", " ".join(" ".join(element.itertext()).split()))


class PlainBrowser:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def open(self, path: str, *, status: int = 200) -> Shown:
        """Open a page, going on where it sends."""
        answer = await self.client.get(path, headers={"Accept": "text/html"})
        return await self._shown(answer, status)

    async def submit(
        self,
        page: Shown,
        action: str,
        *,
        status: int = 200,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        **fields: Any,
    ) -> Shown:
        """Fill in a form of the page and send it. ``None`` unticks a box. A field that the form has not is refused."""
        form = page.form(action)
        values: dict[str, Any] = {}
        for name, value in form.form_values():
            values[name] = [*values[name], value] if isinstance(values.get(name), list) else value
        for name, value in fields.items():
            assert name in form.fields, f"the form {action} has no field {name}: {list(form.fields)}"
            values[name] = value
        values = {name: value for name, value in values.items() if value is not None}
        address = urljoin(page.path, form.get("action"))
        headers = {"Accept": "text/html", "Origin": ORIGIN}
        if form.get("enctype") == "multipart/form-data":
            sent = dict(files or {"file": ("", b"")})
            answer = await self.client.post(address, data=values, files=sent, headers=headers)
        else:
            assert not files
            answer = await self.client.post(address, data=values, headers=headers)
        return await self._shown(answer, status)

    async def sign_in(self, address: str, password: str = PASSWORD) -> Shown:
        return await self.submit(await self.open("/sign-in"), "/sign-in", email=address, password=password)

    async def _shown(self, answer: httpx.Response, status: int) -> Shown:
        for _ in range(5):
            if answer.status_code != 303:
                break
            place = urljoin(str(answer.request.url), answer.headers["location"])
            assert place.startswith(ORIGIN), f"sent to another site: {place}"
            answer = await self.client.get(place, headers={"Accept": "text/html"})
        assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text[:2000]}"
        shown = Shown(answer)
        check_page(shown)
        return shown


def check_page(page: Shown) -> None:
    """What must hold for every page: its outline, names for all fields, whole references, and nothing that the policy of
    content forbids."""
    document = page.document
    assert document.get("lang") == "en", page.path
    assert page.title, page.path
    assert len(document.findall(".//h1")) == 1, f"{page.path} must have one h1"
    for landmark in ("header", "main", "footer", "nav"):
        assert document.find(f".//{landmark}") is not None, f"{page.path} has no {landmark}"
    skip = next(document.iter("a"))
    assert skip.get("href") == "#main", f"{page.path}: the first link must skip to the content"

    ids = [element.get("id") for element in document.iter() if isinstance(element.tag, str) and element.get("id")]
    assert [one for one, count in Counter(ids).items() if count > 1] == [], f"{page.path} repeats ids"
    labels = {label.get("for") for label in document.iter("label")}
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        at = f"{page.path}: {html.tostring(element, with_tail=False)[:200]!r}"
        for attribute in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for reference in (element.get(attribute) or "").split():
                assert reference in ids, f"{at} refers to {reference}"
        match element.tag:
            case "input" | "select" | "textarea" if element.get("type") != "hidden" and "hidden" not in element.attrib:
                assert element.get("id") in labels or element.get("aria-label"), f"{at} has no label"
            case "img":
                assert element.get("alt") is not None, f"{at} has no alt"
            case "button":
                assert element.text_content().strip(), f"{at} has no words"
            case "a":
                href = element.get("href") or ""
                assert href, at
                assert not href.startswith("#") or href[1:] in ids, f"{at} leads nowhere"
                assert urlsplit(href).scheme in {"", "http", "https"}, at
            case "form":
                assert (element.get("action") or "").startswith("/"), at
            case _:
                pass
        _check_policy(element, at)


def _check_policy(element: html.HtmlElement, at: str) -> None:
    """Content-Security-Policy: nothing inline, nothing from elsewhere."""
    assert element.tag != "style", at
    assert element.get("style") is None, at
    assert [name for name in element.attrib if name.startswith(("on", "hx-on"))] == [], at
    if element.tag == "script":
        assert element.get("src"), at
        assert not (element.text or "").strip(), at
    for attribute in ("src", "srcset", "poster", "data"):
        assert (element.get(attribute) or "/").startswith("/"), at
    if element.tag in {"link", "use"}:
        assert (element.get("href") or "").startswith("/"), at
