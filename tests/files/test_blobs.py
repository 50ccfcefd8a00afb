"""Files by the hash of what is in them: whole or not at all, and never overwritten."""

import contextlib
import hashlib
import os
import resource
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sentences import sentences

from credentials.errors import Malformed, NotFound, TooLarge, Unavailable
from credentials.files import Blobs, Fence, write_private

CONTENT = b"before and after, side by side"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


async def stream(*chunks: bytes, breaks: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if breaks:
        raise breaks


def everything(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Receiving and keeping


async def test_a_file_that_came_in_pieces_is_kept_under_the_hash_of_the_whole(blobs: Blobs, tmp_path: Path) -> None:
    received = await blobs.receive(stream(CONTENT[:7], b"", CONTENT[7:]), limit=1_000)
    assert (received.digest, received.size) == (DIGEST, len(CONTENT))
    assert list(blobs.digests()) == [], "it was looked at by nobody yet"
    assert await blobs.keep(received) == DIGEST
    assert blobs.read(DIGEST) == CONTENT
    assert list(blobs.digests()) == [DIGEST]
    assert everything(tmp_path) == [DIGEST]
    assert mode(blobs.path(DIGEST)) == 0o600


async def test_what_is_kept_is_readable_by_its_owner_only(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.put(CONTENT)
    folders = [path for path in (tmp_path / "files").rglob("*") if path.is_dir()]
    assert {mode(folder) for folder in folders} == {0o700}


async def test_the_same_file_twice_is_one_file(blobs: Blobs, tmp_path: Path) -> None:
    assert await blobs.put(CONTENT) == await blobs.put(CONTENT)
    assert everything(tmp_path) == [DIGEST]


async def test_a_file_of_exactly_the_limit_is_taken(blobs: Blobs) -> None:
    assert (await blobs.receive(stream(CONTENT), limit=len(CONTENT))).size == len(CONTENT)


@sentences(
    ("chunks", "limit", "refusal", "says"),
    {
        "an empty one": ((), 10, Malformed, "empty"),
        "one of empty pieces": ((b"", b""), 10, Malformed, "empty"),
        "one that is over the limit by an octet": ((CONTENT,), len(CONTENT) - 1, TooLarge, "29 bytes"),
        "one that is over the limit in its last piece": ((bytes(1 << 20), b"!"), 1 << 20, TooLarge, "1 MiB"),
    },
)
async def test_a_file_that_is_not_taken_leaves_nothing(
    blobs: Blobs, tmp_path: Path, chunks: tuple[bytes, ...], limit: int, refusal: type[Malformed], says: str
) -> None:
    with pytest.raises(refusal, match=says):
        await blobs.receive(stream(*chunks), limit=limit)
    assert everything(tmp_path) == []


@sentences(
    "breaks", {"by the network": ConnectionResetError(), "by us": KeyboardInterrupt(), "somehow": RuntimeError()}
)
async def test_a_stream_that_breaks_off_leaves_nothing(blobs: Blobs, tmp_path: Path, breaks: BaseException) -> None:
    with pytest.raises((Unavailable, type(breaks))):
        await blobs.receive(stream(CONTENT, breaks=breaks), limit=1_000)
    assert everything(tmp_path) == []


async def test_what_was_received_and_is_not_wanted_is_discarded(blobs: Blobs, tmp_path: Path) -> None:
    received = await blobs.receive(stream(CONTENT), limit=1_000)
    blobs.discard(received)
    blobs.discard(received)
    assert everything(tmp_path) == []


@contextlib.contextmanager
def a_full_disk(room: int) -> Iterator[None]:
    """The operating system lets no file grow beyond ``room`` octets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@sentences("size", {"in the middle": 1 << 20, "at the end, when the last octets are flushed": 5_000})
async def test_a_full_disk_is_our_own_fault_and_leaves_nothing(blobs: Blobs, tmp_path: Path, size: int) -> None:
    with a_full_disk(4_096), pytest.raises(Unavailable, match="try again later"):
        await blobs.receive(stream(bytes(size)), limit=1 << 21)
    assert everything(tmp_path) == []


async def test_a_file_that_cannot_be_moved_to_its_place_is_our_own_fault(blobs: Blobs) -> None:
    received = await blobs.receive(stream(CONTENT), limit=1_000)
    blobs.path(DIGEST).parent.write_bytes(b"a file where the folder should be")
    with pytest.raises(Unavailable):
        await blobs.keep(received)


async def test_what_a_crash_left_half_received_is_swept_after_a_while(blobs: Blobs, tmp_path: Path) -> None:
    left, fresh = [await blobs.receive(stream(part), limit=10) for part in (b"left", b"fresh")]
    os.utime(left.path, (1_000, 1_000))
    blobs.sweep_incoming(2_000)
    assert not left.path.exists()
    assert fresh.path.exists()


# Reading


async def test_a_blob_whose_bytes_changed_is_not_whole(blobs: Blobs) -> None:
    await blobs.put(CONTENT)
    assert blobs.is_whole(DIGEST)
    blobs.path(DIGEST).write_bytes(CONTENT + b".")
    assert not blobs.is_whole(DIGEST)
    blobs.delete(DIGEST)
    blobs.delete(DIGEST)
    assert not blobs.is_whole(DIGEST)
    with pytest.raises(NotFound):
        blobs.read(DIGEST)


@sentences(
    "digest",
    {
        "a path that climbs": "../" * 20 + "etc/passwd",
        "a digest in capitals": DIGEST.upper(),
        "a digest with a line end": DIGEST[:-1] + "\n",
        "half a digest": DIGEST[:32],
        "nothing": "",
    },
)
def test_what_is_no_digest_names_no_file(blobs: Blobs, digest: str) -> None:
    with pytest.raises(NotFound):
        blobs.open(digest)


# Private files


def test_a_private_file_is_its_owners_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "keys" / "k", b"secret")
    finally:
        os.umask(before)
    assert mode(tmp_path / "keys" / "k") == 0o600
    assert mode(tmp_path / "keys") == 0o700
    assert (tmp_path / "keys" / "k").read_bytes() == b"secret"


def test_a_private_file_is_never_overwritten(tmp_path: Path) -> None:
    write_private(tmp_path / "k", b"first")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "k", b"second")
    assert (tmp_path / "k").read_bytes() == b"first"
    assert everything(tmp_path) == ["k"]


def test_a_private_file_that_cannot_be_written_whole_is_not_there(tmp_path: Path) -> None:
    with a_full_disk(4_096), pytest.raises(OSError, match="large"):
        write_private(tmp_path / "k", bytes(10_000))
    assert everything(tmp_path) == []


# The fence


def test_a_place_is_passed_once_and_never_again_not_even_by_another_process(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "fence")
    assert fence.pass_once("list", 7) is True
    assert fence.pass_once("list", 7) is False
    assert fence.pass_once("list", 6) is True
    assert fence.pass_once("other", 7) is True
    assert Fence(tmp_path / "fence").pass_once("list", 7) is False


def test_the_fence_takes_an_octet_for_a_place_and_is_private(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "fence")
    fence.pass_once("list", 131_071)
    (kept,) = (tmp_path / "fence").iterdir()
    assert kept.stat().st_size == 131_072
    assert mode(kept) == 0o600
    assert all(fence.pass_once("list", index) for index in range(100))
