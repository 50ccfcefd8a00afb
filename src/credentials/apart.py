"""Strangers' octets that native code decodes (pictures above all) are decoded apart: in a process of their own, which starts
for them, may use so much time and memory, and is killed when it wants more. What goes wrong there stays there.

What runs there is a small program that reads the octets from its standard input and writes its answer to its standard output.
It sees no variable of ours, writes no file and starts no other process. Starting it takes a twentieth of a second.
"""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from credentials.errors import Unavailable

AT_ONCE = 2
"""Processes at a time: more would be at each other's cost on the machines that this runs on."""
WAITING = 32
"""Tasks that wait for one: at their usual pace they are done in a few seconds."""
SECONDS = 30.0
"""After so long a process is killed, whatever it does: the largest picture takes one."""
CPU_SECONDS = 15
MEMORY = 512 << 20
"""Octets of address space: Python and the decoders take 150 MiB, a picture of 12.5 megapixels as much again."""
MAX_ANSWER = 128 << 20
"""Octets of an answer that are read: the largest is a picture of 50 megapixels as PNG."""

_BEFORE = f"""\
import resource, runpy, sys
for limit, value in (
    (resource.RLIMIT_AS, int(sys.argv[1])),
    (resource.RLIMIT_CPU, {CPU_SECONDS}),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_NPROC, 0),
):
    most = resource.getrlimit(limit)[1]
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(limit, (value, value))
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class BrokeOff(Exception):
    """A program did not come to its end: it took too long, wanted too much, or its decoder broke."""


class TooBusy(Unavailable):
    code = "too-busy"


class Apart:
    """The few processes that may run at a time: one of these for a process of ours, made once and handed down."""

    __slots__ = ("_pending", "_running", "_taking")

    def __init__(self) -> None:
        self._running = ThreadPoolExecutor(
            AT_ONCE, thread_name_prefix="apart"
        )  # it starts threads when they are needed
        self._taking = threading.Lock()
        self._pending = 0

    async def __call__(
        self, program: Path, octets: bytes, *told: str, memory: int = MEMORY, seconds: float = SECONDS
    ) -> bytes:
        """What the program answers. Raises ``BrokeOff``, and ``TooBusy`` where too many wait already."""
        with self._taking:
            if self._pending >= AT_ONCE + WAITING:
                raise TooBusy("too many pictures are being looked through: try again in a moment")
            self._pending += 1
        done = self._running.submit(_run, program, octets, told, memory, seconds)
        done.add_done_callback(lambda _done: self._one_less())
        return await asyncio.wrap_future(done)

    def _one_less(self) -> None:
        with self._taking:
            self._pending -= 1


def _run(program: Path, octets: bytes, told: tuple[str, ...], memory: int, seconds: float) -> bytes:
    command = [sys.executable, "-I", "-B", "-c", _BEFORE, str(memory), str(program), *told]
    with subprocess.Popen(  # noqa: S603 - our own program, and nothing of a stranger's on its command line
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as process:
        try:
            answer, _ = process.communicate(octets, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise BrokeOff(f"{program.name} took more than {seconds} seconds") from None
    if process.returncode != 0 or len(answer) > MAX_ANSWER:
        raise BrokeOff(f"{program.name} ended with {process.returncode}")
    return answer
