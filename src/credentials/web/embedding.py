"""What stands on other people's pages: a badge as a picture or a card that shows how it stands now, and the code for paper.

No script, no cookie, nothing of the page that they stand on.
"""

import io
from html import escape

import segno

from credentials.verification.model import Report, Verdict

WIDTH, HEIGHT = 360, 100
MOST_BOLD, MOST = 32, 44
"""Letters of a line that fit, in the widest of the usual fonts."""

_COLOURS = {
    Verdict.ACCEPT: ("#00701a", "#ecf3ec", "m12 22 6 6 12-14"),
    Verdict.ACCEPT_UNTRUSTED: ("#2e6276", "#e7f2f5", "M20 11v11m0 5v3"),
    Verdict.INDETERMINATE: ("#775540", "#faf3d1", "M20 11v11m0 5v3"),
    Verdict.REJECT: ("#b50909", "#f4e3db", "m13 13 14 14m0-14L13 27"),
}


def status_picture(report: Report, *, title: str, issuer: str, state: str) -> bytes:
    """An SVG that says what the badge is, who awarded it, how it stands, and when that was looked at."""
    ink, ground, mark = _COLOURS[report.verdict]
    when = f"Checked {report.checked_at:%Y-%m-%d %H:%M} UTC"
    lines = [_cut(title, MOST_BOLD), _cut(f"Awarded by {issuer}", MOST), _cut(state, MOST_BOLD), when]
    spoken = escape(f"{title}. Awarded by {issuer}. {state}. {when}")
    text = (
        f'<text x="64" y="27" font-size="14" font-weight="700" fill="#1b1b1b">{escape(lines[0])}</text>'
        f'<text x="64" y="45" font-size="12" fill="#3d4551">{escape(lines[1])}</text>'
        f'<text x="64" y="66" font-size="13" font-weight="700" fill="{ink}">{escape(lines[2])}</text>'
        f'<text x="64" y="84" font-size="11" fill="#3d4551">{escape(lines[3])}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{spoken}" font-family="Public Sans, Arial, Liberation Sans, sans-serif">'
        f"<title>{spoken}</title>"
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="6" fill="{ground}" stroke="{ink}" stroke-width="2"/>'
        f'<g transform="translate(12 30)"><circle cx="20" cy="20" r="19" fill="#fff" stroke="{ink}" stroke-width="2"/>'
        f'<path d="{mark}" fill="none" stroke="{ink}" stroke-width="4" stroke-linecap="round"/></g>{text}</svg>'
    ).encode()


def code(address: str) -> bytes:
    """A QR code of an address, as an SVG to print: black on white, with the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, title=address)
    return out.getvalue()


def snippet(base: str, share: str, title: str) -> str:
    """The HTML that puts the picture on somebody's page, with the link to what it stands for."""
    address = f"{base}/badges/{share}"
    alt = escape(f"{title}: how this badge stands now")
    return (
        f'<a href="{escape(address)}"><img src="{escape(address)}/status.svg" width="{WIDTH}" height="{HEIGHT}" '
        f'alt="{alt}"></a>'
    )


FRAME_WIDTH, FRAME_HEIGHT = 420, 220


def frame(base: str, share: str, title: str) -> str:
    """The HTML that puts the card on somebody's page, in a frame that may do nothing but open a link."""
    address = escape(f"{base}/badges/{share}/card")
    return (
        f'<iframe src="{address}" title="{escape(f"{title}: how this badge stands now")}" width="{FRAME_WIDTH}" '
        f'height="{FRAME_HEIGHT}" loading="lazy" referrerpolicy="no-referrer" '
        'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
