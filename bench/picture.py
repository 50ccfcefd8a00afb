"""The picture of the README: three groups of bars, each bar a way to do the work, as long as it is fast."""

from collections.abc import Mapping

from measure import Rate

GROUPS = (
    (
        "Canonicalise a badge",
        (
            ("this project", "canonicalise"),
            ("PyLD", "canonicalise: PyLD"),
            ("jsonld.js", "canonicalise: jsonld.js"),
        ),
    ),
    (
        "Issue it: build, lint, sign",
        (
            ("this project", "issue"),
            ("the same, judged twice", "issue like a certificate authority"),
            ("PyLD, sign alone", "issue: PyLD, sign alone"),
            ("@digitalbazaar/vc", "issue: @digitalbazaar/vc"),
        ),
    ),
    (
        "Verify it, with all checks",
        (
            ("this project", "verify eddsa-rdfc-2022"),
            ("the same, as VC-JWT (ES256)", "verify VC-JWT ES256"),
            ("PyLD, proof alone", "verify: PyLD, proof alone"),
            ("@digitalbazaar/vc", "verify: @digitalbazaar/vc"),
        ),
    ),
)
"""What stands under each heading; a rate that was not measured is left out. Each group is drawn to its own scale."""

WIDTH, LEFT, RIGHT = 720, 268, 90
BAR, GAP, HEAD = 18, 6, 34
OURS, THEIRS, INK = "#005ea2", "#a9aeb1", "#1b1b1b"


def drawn(rates: Mapping[str, Rate]) -> str:
    """An SVG without scripts, styles or fonts of its own, with a title and a description for whoever cannot see it."""
    parts: list[str] = []
    told: list[str] = []
    top = 0
    for heading, bars in GROUPS:
        found = [(label, rates[name].mean) for label, name in bars if name in rates]
        slowest = next(rate for label, rate in found if label.startswith("PyLD"))
        longest = max(rate for _, rate in found)
        top += HEAD
        parts.append(f'<text x="16" y="{top - 8}" font-size="15" font-weight="bold">{heading}</text>')
        for label, rate in found:
            long = max(2, round((WIDTH - LEFT - RIGHT) * rate / longest))
            colour = OURS if label.startswith(("this project", "the same")) else THEIRS
            middle = top + BAR - 5
            ratio = f"{rate / slowest:.0f} ×" if rate >= 2 * slowest else f"{rate / slowest:.1f} ×"
            parts.append(f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end" font-size="13">{label}</text>')
            parts.append(f'<rect x="{LEFT}" y="{top}" width="{long}" height="{BAR}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + long + 6}" y="{middle}" font-size="13">{ratio}</text>')
            told.append(f"{heading}: {label} {ratio}.")
            top += BAR + GAP
    height = top + 34
    foot = "Per CPU second, one core, one run, all taking turns; PyLD = 1. Each group has its own scale."
    parts.append(f'<text x="16" y="{height - 10}" font-size="12">{foot}</text>')
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" fill="{INK}">',
            '<g font-family="sans-serif">',
            "<title>How fast a badge is canonicalised, issued and verified, beside other software</title>",
            f"<desc>{' '.join(told)}</desc>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *parts,
            "</g></svg>\n",
        )
    )
