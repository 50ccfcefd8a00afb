"""Starts `credentials` by forking: a program that has read the whole of it once, for tests that start it again and again.

Half of what a start costs is reading the program. A process that was forked from one that has read it is a process like any
other: it has its own memory, files and sockets, and a signal kills it alone. One at a time is started.
"""

import contextlib
import gc
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

THREADS = {"OPENBLAS_NUM_THREADS": "1"}
"""A process with threads cannot be forked safely, and numpy would start some."""


class WarmStart:
    """The process that starts others, and the one that it started last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pid = 0
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        with (self._folder / "warm-start.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **THREADS},
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            self.end(9)
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout
        self._process.stdout.close()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Run `credentials` with these arguments, with nothing else in its environment."""
        assert self._process.stdin
        asked = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self.pid = self._told()

    def has_ended(self) -> bool:
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def end(self, signal: int) -> int:
        """Send a signal, and wait until the process is gone. Answers its exit status, or the signal below zero."""
        with contextlib.suppress(ProcessLookupError):  # it had ended by itself, which its status says
            os.kill(self.pid, signal)
        status = os.waitstatus_to_exitcode(self._told())
        self.pid = 0
        return status

    def _told(self) -> int:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the process that starts others has ended"
        return int(line)


def main() -> None:
    """Each line asks for a process; its number is told when it runs, and how it ended when it is gone."""
    import credentials.cli

    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked["environment"], Path(asked["log"]))
            credentials.cli.main(asked["arguments"], prog_name="credentials")
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


def _become(environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as written, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        for stream in (1, 2):
            os.dup2(written.fileno(), stream)


if __name__ == "__main__":
    main()
