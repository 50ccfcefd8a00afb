"""Many credentials from files on this machine: folders, archives, tables of links, lines."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from credentials.errors import Failure, Fault, Malformed
from credentials.fetch import Fetch
from credentials.verification import batches
from credentials.verification.batches import Result, Verify
from credentials.verification.containers import Item
from credentials.verification.gather import check_link
from credentials.verification.model import Policy
from credentials.web.presenting import ACCEPT


class Entry(NamedTuple):
    """An item, and how many there are as far as it is known."""

    item: Item
    known: int


def is_of_many(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in batches.OF_MANY


def entries_of(paths: Sequence[Path]) -> Iterator[Entry]:
    """The items of all files, one file in memory at a time."""
    files = [file for path in paths for file in files_in(path)]
    known = len(files)
    for file in files:
        items = items_in(file)
        known += len(items) - 1
        for item in items:
            yield Entry(item, known)


def files_in(path: Path) -> list[Path]:
    """A file, or all files in a folder and in the folders below, by name; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file())
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))


def items_in(path: Path) -> Sequence[Item]:
    """What a file holds; one that cannot be read is an item that says so."""
    label = str(path)
    try:
        octets = read(path)
        if not is_of_many(path):
            return (Item(label=label, octets=octets),)
        return [msgspec.structs.replace(item, label=f"{label}: {item.label}") for item in batches.items_of(octets)]
    except Failure as failure:
        return (Item(label=label, fault=Fault(failure.detail, code=failure.code)),)


def read(path: Path) -> bytes:
    """A file, or standard input for ``-``. Raises ``Malformed``."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}") from error


async def result_of(number: int, item: Item, verify: Verify, fetch: Fetch, policy: Policy) -> Result:
    """The result of one item, whatever happens to it. ``policy`` says which hosts are looked at."""
    fault, octets = item.fault, item.octets
    if item.link:
        try:
            check_link(item.link, policy)
            octets = (await fetch(item.link, accept=ACCEPT)).body
        except Failure as failure:
            fault = Fault(failure.detail, code=failure.code)
    if fault is not None:
        return batches.faulty(number, item.label, fault)
    return await batches.result_of(number, item.label, octets, verify)
