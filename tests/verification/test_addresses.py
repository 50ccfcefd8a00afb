"""An address that is presented, a picture of a QR code, and a newer edition of what is presented."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from holders import PNG, ask
from older_issuer import OlderIssuer
from PIL import Image
from simulator import CONTEXT_EXTENSIONS, CONTEXT_OB, CONTEXT_V2, CONTEXTS, NOW, Desk, Simulator, desk, octets, stamp

from credentials.apart import Apart
from credentials.errors import Refused
from credentials.fetch import Fetched, Trouble, Unreachable
from credentials.proofs.model import JsonObject
from credentials.trust.model import TrustedIssuer
from credentials.verification import qr
from credentials.verification.model import Container, Name, Outcome, Policy
from credentials.verification.service import verify_link


class Site(Simulator):
    """An issuer that serves its badges, too. ``pages`` are octets, or what goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, bytes | Exception] = {}

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        if url not in self.pages:
            return await super().__call__(url, accept=accept)
        self.asked.append(url)
        page = self.pages[url]
        if isinstance(page, Exception):
            raise page
        return Fetched(url, "text/plain", page)


LINK = "https://issuer.example/credentials/7"


@pytest.mark.parametrize("form", ["json", "token", "picture"])
async def test_what_is_at_an_address_is_judged_as_if_it_was_presented(form: str) -> None:
    site = Site()
    made = {"json": site.issue, "token": site.issue_token, "picture": lambda: baked(site)}[form]()
    site.pages[LINK] = made
    report = await ask(desk(site), LINK.encode() + b"\n")
    assert report.outcome == "accept", report.checks
    assert report.link == LINK
    assert report.container is (Container.PNG if form == "picture" else Container.LINK)
    direct = await ask(desk(site), made)
    assert (report.credential, report.digest) == (direct.credential, direct.digest)


def baked(site: Site) -> bytes:
    from credentials.openbadges.baking import bake

    return bake(PNG, site.issue())


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        (b"<!doctype html><title>A badge</title>", "reject:unsupported-media-type"),
        (b"https://issuer.example/credentials/8", "reject:url-not-allowed"),
        (b"", "reject:PARSING_ERROR"),
        (Unreachable("it answered 302", Trouble.ELSEWHERE, location="/x"), "reject:url-not-allowed"),
        (Unreachable("it answered 404", Trouble.STATUS), "reject:fetch-limit"),
        (Unreachable("it did not answer"), "reject:fetch-limit"),
        (Refused("url-not-allowed", "it is inside"), "reject:url-not-allowed"),
    ],
    ids=["a page", "an address", "nothing", "elsewhere", "missing", "silent", "inside"],
)
async def test_an_address_that_leads_to_no_credential_is_none(page: bytes | Exception, outcome: str) -> None:
    site = Site()
    site.pages[LINK] = page
    assert (await ask(desk(site), LINK.encode())).outcome == outcome


async def test_of_an_address_that_leads_to_nothing_it_is_said_what_to_do() -> None:
    site = Site()
    site.pages[LINK] = Unreachable("it did not answer")
    report = await ask(desk(site), LINK.encode())
    (check,) = report.checks
    assert check.detail.startswith("Nothing could be fetched from this address. Open it yourself")
    assert check.detail in report.summary


@pytest.mark.parametrize(
    "link",
    [
        "http://issuer.example/1",
        "https://127.0.0.1/",
        "ftp://issuer.example/",
        "file:///etc/passwd",
        "https://a@b.example/",
    ],
)
async def test_an_address_that_is_never_asked_is_refused(link: str) -> None:
    site = Site()
    assert (await ask(desk(site), link.encode())).outcome == "reject:url-not-allowed"
    assert site.asked == []


@pytest.mark.parametrize(
    "link", ["", " " + LINK, LINK + "\n", "javascript:alert(1)", "issuer.example", "\ud800", "/etc"]
)
async def test_what_is_called_an_address_is_taken_as_it_stands(link: str) -> None:
    site = Site()
    site.pages[LINK] = site.issue()
    report = await verify_link(link, CONTEXTS, desk(site), now=NOW)
    assert report.outcome == "reject:url-not-allowed"
    assert site.asked == []


async def test_a_deployment_may_say_which_hosts_addresses_may_lead_to() -> None:
    site = Site()
    site.pages[LINK] = site.issue()
    closed = Policy(link_hosts=frozenset({"other.example"}))
    assert (await ask(desk(site), LINK.encode(), closed)).outcome == "reject:url-not-allowed"
    opened = Policy(link_hosts=frozenset({"issuer.example"}))
    assert (await ask(desk(site), LINK.encode(), opened)).outcome == "accept"


async def test_the_address_of_a_hosted_badge_is_asked_once() -> None:
    issuer = OlderIssuer()
    registry = (TrustedIssuer(id=issuer.id, name="Known"),)
    at = Desk(network=(issuer,), registry=registry)  # type: ignore[arg-type]
    await verify_link(issuer.assertion_id, CONTEXTS, at, now=NOW)
    assert issuer.asked == [issuer.assertion_id, issuer.badge_id, issuer.id]
    assert (await ask(at, issuer.assertion_id.encode())).outcome == "accept"


# QR codes


def picture(*texts: str, kind: str = "PNG", mode: str = "L", rotate: int = 0) -> bytes:
    codes = []
    for text in texts:
        code = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode), scale=6)
        codes.append(Image.fromarray(code))
    sheet = Image.new("L", (sum(code.width for code in codes) + 200, max(code.height for code in codes) + 200), 255)
    left = 100
    for code in codes:
        sheet.paste(code, (left, 100))
        left += code.width
    out = io.BytesIO()
    sheet.rotate(rotate, expand=True, fillcolor=255).convert(mode).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "rotate"), [("PNG", "L", 0), ("PNG", "RGBA", 0), ("JPEG", "RGB", 17), ("WEBP", "RGB", 90)]
)
async def test_a_picture_of_a_qr_code_is_what_the_code_says(kind: str, mode: str, rotate: int) -> None:
    site = Site()
    site.pages[LINK] = site.issue()
    photograph = picture(LINK, kind=kind, mode=mode, rotate=rotate)
    report = await desk(site).verify(photograph)
    assert report.outcome == "accept", report.checks
    assert report.link == LINK
    token = site.issue_token(site.draft(issuer={"id": site.id, "type": ["Profile"]}, name=None)).decode()
    report = await desk(site).verify(picture(token, kind=kind, mode=mode))
    assert (report.outcome, report.container) == ("accept", Container.QR)


async def test_a_picture_without_a_code_or_with_several_or_of_something_else_is_refused() -> None:
    site = Site()
    blank = io.BytesIO()
    Image.new("RGB", (50, 50), "white").save(blank, "JPEG")
    assert (await desk(site).verify(blank.getvalue())).outcome == "reject:no-baked-credential"
    assert (await desk(site).verify(PNG)).outcome == "reject:no-baked-credential"
    two = picture(LINK, LINK + "8")
    assert (await desk(site).verify(two)).outcome == "reject:multiple-baked-credentials"
    assert (await desk(site).verify(picture("Hello"))).outcome == "reject:PARSING_ERROR"
    assert (await desk(site).verify(picture("http://169.254.169.254/"))).outcome == "reject:url-not-allowed"
    assert (await desk(site).verify(blank.getvalue()[:200])).outcome == "reject:image-malformed"
    assert site.asked == []


async def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    header = b"\x00\x00\x00\rIHDR" + (40_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    import zlib

    bomb = b"\x89PNG\r\n\x1a\n" + header + zlib.crc32(header[4:]).to_bytes(4) + PNG[33:]
    with pytest.raises(Refused) as refused:
        await qr.texts_in_picture(Apart(), bomb)
    assert refused.value.code in {"image-too-large", "image-malformed"}
    large = io.BytesIO()
    Image.new("L", (4_000, 4_000)).save(large, "PNG")
    with pytest.raises(Refused) as refused:
        await qr.texts_in_picture(Apart(), large.getvalue())
    assert refused.value.code == "image-too-large"


# A newer edition


SERVICE = "https://issuer.example/refresh/1"


def refreshable(site: Site, **changes: Any) -> JsonObject:
    return site.draft(
        **{
            "@context": [CONTEXT_V2, CONTEXT_OB, CONTEXT_EXTENSIONS],
            "id": "https://issuer.example/credentials/same",
            "refreshService": {"id": SERVICE, "type": "1EdTechCredentialRefresh"},
            **changes,
        }
    )


async def test_a_newer_edition_is_asked_for_only_where_a_deployment_wants_it() -> None:
    site = Site()
    old = site.issue(refreshable(site, validUntil=stamp(NOW - timedelta(days=1))))
    site.pages[SERVICE] = site.issue(refreshable(site, validFrom=stamp(NOW - timedelta(days=2))))
    assert (await ask(desk(site), old)).outcome == "reject:credential-expired"
    assert SERVICE not in site.asked
    report = await ask(desk(site), old, Policy(refresh=True))
    assert report.outcome == "accept"
    assert report.refreshed
    assert Name.REFRESH in {check.name for check in report.checks}


@pytest.mark.parametrize(
    "newer",
    [
        lambda site: Unreachable("it answered 500", Trouble.STATUS),
        lambda _: b"{}",
        lambda site: site.issue(refreshable(site, id="https://issuer.example/credentials/other")),
        lambda site: site.issue(refreshable(site, validFrom=stamp(NOW - timedelta(days=90)))),
        lambda site: octets({**json.loads(site.issue(refreshable(site))), "name": "Changed"}),
        lambda _: Simulator("other.example", seed=8).issue(),
    ],
    ids=["an error", "nothing", "another credential", "an older one", "a changed one", "another issuer's"],
)
async def test_where_there_is_no_good_newer_edition_the_one_that_was_presented_is_judged(newer: Any) -> None:
    site = Site()
    presented = site.issue(refreshable(site))
    site.pages[SERVICE] = newer(site)
    report = await ask(desk(site), presented, Policy(refresh=True))
    assert report.outcome == "accept"
    assert not report.refreshed
    (check,) = [check for check in report.checks if check.name is Name.REFRESH]
    assert (check.outcome, check.code) == (Outcome.UNKNOWN, "refresh-failed")


async def test_a_newer_edition_is_asked_for_once_and_a_strangers_never() -> None:
    site = Site()
    later = "https://issuer.example/refresh/2"
    site.pages[SERVICE] = site.issue(
        refreshable(site, refreshService={"id": later, "type": "1EdTechCredentialRefresh"}, name="Second")
    )
    site.pages[later] = site.issue(refreshable(site, name="Third"))
    report = await ask(desk(site), site.issue(refreshable(site)), Policy(refresh=True))
    assert report.refreshed
    assert report.credential is not None
    assert report.credential["name"] == "Second"
    assert later not in site.asked
    site.asked.clear()
    stranger = await ask(desk(strangers=[site]), site.issue(refreshable(site)), Policy(refresh=True))
    assert stranger.outcome == "indeterminate:did-resolution"
    assert site.asked == []
    changed = octets({**json.loads(site.issue(refreshable(site))), "name": "Changed"})
    assert (await ask(desk(site), changed, Policy(refresh=True))).outcome == "reject:PROOF_VERIFICATION_ERROR"
    assert SERVICE not in site.asked


async def test_a_newer_edition_that_was_revoked_is_revoked() -> None:
    site = Site()
    site.revoke(3)
    site.pages[SERVICE] = site.issue(refreshable(site, credentialStatus=site.status(3)))
    report = await ask(desk(site), site.issue(refreshable(site)), Policy(refresh=True))
    assert report.outcome == "reject:credential-revoked"
