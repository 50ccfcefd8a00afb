"""Blobs by content hash, and the packaged contexts.

A blob is written under a name of ours in ``incoming/``, looked at there, and kept as ``blobs/ab/cd…`` named by its SHA-256.
What is in ``blobs/`` was flushed to the disk, file and folder, before anybody heard of it.
"""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from credentials.errors import Malformed, NotFound, Refused, TooLarge, Unavailable

CHUNK = 1 << 18


class Received(msgspec.Struct, frozen=True):
    """A file that came in and is not kept yet."""

    path: Path
    digest: str
    size: int


class Blobs:
    """The store of files under ``root``. Nothing is ever overwritten: the same bytes have the same name."""

    def __init__(self, root: Path) -> None:
        self._incoming = root / "incoming"
        self._kept = root / "blobs"
        for folder in (self._incoming, self._kept):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def receive(self, chunks: AsyncIterator[bytes], *, limit: int) -> Received:
        """Take a stream in, at most ``limit`` bytes. Raises ``TooLarge``; ``Malformed`` for an empty one; ``Unavailable``
        when the disk does not take it.

        A stream that breaks off leaves nothing behind.
        """
        with _disk():
            return await self._receive(chunks, limit)

    async def _receive(self, chunks: AsyncIterator[bytes], limit: int) -> Received:
        digest, size = hashlib.sha256(), 0
        handle, name = await asyncio.to_thread(tempfile.mkstemp, dir=self._incoming)
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(f"the file is larger than {_said(limit)}: hand in a smaller or shorter one")
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_flush, file)
            if size == 0:
                raise Malformed("the file is empty")
        except BaseException:
            _remove(path)
            raise
        return Received(path, digest.hexdigest(), size)

    def discard(self, received: Received) -> None:
        received.path.unlink(missing_ok=True)

    async def keep(self, received: Received) -> str:
        """Move a file in among the kept ones; answers its digest. Raises ``Unavailable`` when the disk does not take it."""
        with _disk():
            await asyncio.to_thread(self._keep, received)
        return received.digest

    def _keep(self, received: Received) -> None:
        target = self.path(received.digest)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        received.path.replace(target)
        for folder in (target.parent, self._kept):
            _flush_folder(folder)

    async def put(self, content: bytes) -> str:
        """Keep bytes that are in memory; answers their digest."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return await self.keep(await self.receive(chunks(), limit=len(content)))

    def path(self, digest: str) -> Path:
        """Where a blob is or would be."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFound("there is no such file")
        return self._kept / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError:
            raise NotFound("there is no such file") from None

    def read(self, digest: str) -> bytes:
        with self.open(digest) as file:
            return file.read()

    def delete(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        """All that is kept."""
        for folder in sorted(self._kept.iterdir()):
            yield from sorted(entry.name for entry in folder.iterdir())

    def is_whole(self, digest: str) -> bool:
        """Whether the blob is there and its bytes are those that it is named for."""
        with contextlib.suppress(FileNotFoundError), self.path(digest).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
        return False

    def sweep_incoming(self, older_than: float) -> None:
        """Remove what a crash left half received. ``older_than``: seconds since the epoch."""
        for entry in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was received to its end meanwhile
                if entry.stat().st_mtime < older_than:
                    entry.unlink()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """A disk that is full or broken is our own fault and may pass."""
    try:
        yield
    except OSError as error:
        raise Unavailable("the file cannot be stored just now: try again later") from error


def _said(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, whole or not at all. Raises ``FileExistsError``."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600 from the first byte
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            _flush(file)
        os.link(name, path)  # unlike a rename, this never replaces a file that is there
    finally:
        Path(name).unlink()
    _flush_folder(path.parent)


class Fence:
    """Which places were ever handed out, kept outside the database: one file for each list, one octet for each place.

    Writing a single octet is whole or not at all and means the same twice, so processes need no lock for it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def pass_once(self, list_id: str, index: int) -> bool:
        handle = os.open(self._root / f"{list_id}.fence", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.pread(handle, 1, index) == b"\x01":
                return False
            os.pwrite(handle, b"\x01", index)
            os.fdatasync(handle)
        finally:
            os.close(handle)
        return True


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a ``lock.json``: the JSON-LD context at ``url`` and ``aliases`` is ``file``, and has these digests.

    ``sha256`` is of the bytes; ``sha256_jcs`` is of the canonical form (RFC 8785), which a file of another layout that says
    the same has, too: it tells whether this is what was published. A deployment's own list may leave it out.
    """

    url: str
    file: str
    sha256: str
    sha256_jcs: str = ""
    aliases: tuple[str, ...] = ()


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contexts: tuple[Pin, ...]


def packaged_contexts() -> dict[str, bytes]:
    """The contexts that come with the program, by address: what ``jsonld.contexts.Contexts`` is made of.

    From inside the installed package, or from ``contexts/`` of a source checkout.
    """
    installed = resources.files("credentials") / "contexts"
    return pinned_contexts(installed if installed.is_dir() else Path(__file__).parents[2] / "contexts")


def pin_context(folder: Path, url: str, file: Path) -> str:
    """Copy a context into a deployment's ``folder`` and pin it for its address; answers its digest.

    Raises ``Refused`` when the address has another file there already: what credentials say is not changed in passing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "lock.json"
    try:
        lock = msgspec.json.decode(listed.read_bytes(), type=Lock) if listed.exists() else Lock(())
        content = file.read_bytes()
        read = msgspec.json.decode(content)
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused("context-not-allowed", f"The context cannot be pinned: {error}") from error
    if not isinstance(read, dict) or "@context" not in read:
        raise Refused("context-not-allowed", f"{file} holds no @context.")
    digest = hashlib.sha256(content).hexdigest()
    found = [pin for pin in lock.contexts if url in (pin.url, *pin.aliases)]
    if found and found[0].sha256 != digest:
        raise Refused("context-not-allowed", f"Another file is pinned for {url}: take it out of {listed} first.")
    if not found:
        name = f"{digest[:16]}.json"
        (folder / name).write_bytes(content)
        pins = (*lock.contexts, Pin(url=url, file=name, sha256=digest))
        listed.write_bytes(msgspec.json.format(msgspec.json.encode(Lock(pins)), indent=2))
    return digest


def all_contexts(folder: Path | None) -> dict[str, bytes]:
    """The packaged contexts, and those that a deployment pins in a ``folder`` of its own.

    Raises ``Refused`` (``context-not-allowed``) as ``pinned_contexts`` does, and for a folder that pins another file for an
    address that comes with the program: what our own credentials say is not for a deployment to change.
    """
    packaged = packaged_contexts()
    further = pinned_contexts(folder) if folder is not None else {}
    for address, content in further.items():
        if packaged.get(address, content) != content:
            raise Refused(
                "context-not-allowed", f"The context {address} comes with the program: take it out of {folder}."
            )
    return packaged | further


def pinned_contexts(folder: Traversable) -> dict[str, bytes]:
    """The contexts that the ``lock.json`` of ``folder`` pins, by address.

    Raises ``Refused`` with ``context-not-allowed`` when the lock or a file is missing, unreadable or not what was pinned:
    whoever changes a context changes what every credential says.
    """
    try:
        lock = msgspec.json.decode((folder / "lock.json").read_bytes(), type=Lock)
        found: dict[str, bytes] = {}
        for pin in lock.contexts:
            content = (folder / pin.file).read_bytes()
            if hashlib.sha256(content).hexdigest() != pin.sha256:
                raise Refused("context-not-allowed", f"The context {pin.file} is not the file that its lock.json pins.")
            for address in (pin.url, *pin.aliases):
                if found.setdefault(address, content) is not content:
                    raise Refused("context-not-allowed", f"Two contexts are pinned for {address}.")
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused("context-not-allowed", f"The pinned contexts cannot be read: {error}") from error
    return found
