"""Cases that take turns in short slices, in a shuffled order, counted in CPU seconds.

A machine that is busy or changes its speed slows all of them alike, so ratios of one run hold where figures do not. Nothing
here looks at a clock on the wall: a run is a number of rounds.
"""

import json
import random  # noqa: TID251 - a repeatable order
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import msgspec

SLICE = 0.03
"""CPU seconds of one turn, or one document where that takes longer."""

BATCH = 64
"""Documents that are made ready for a turn, outside of its time."""


class Case(Protocol):
    def turn(self) -> tuple[int, float]:
        """Do a slice of work: how many documents, in how many CPU seconds."""


class Rate(msgspec.Struct, frozen=True):
    """Documents per CPU second: over the whole run, and of the fastest tenth of the turns (what a quiet machine does)."""

    mean: float
    fast: float


class Here:
    """A case in this process: ``work`` on each of ``inputs``, which never end."""

    def __init__(self, work: Callable[[Any], object], inputs: Iterable[Any]) -> None:
        self._work = work
        self._inputs: Iterator[Any] = iter(inputs)
        self._batch = 1

    def turn(self) -> tuple[int, float]:
        work, done, batch = self._work, 0, list(islice(self._inputs, self._batch))
        began = time.process_time()
        for one in batch:
            work(one)
            done += 1
            if time.process_time() - began > SLICE:
                break
        spent = time.process_time() - began
        self._batch = min(BATCH, max(1, round(SLICE * done / spent))) if spent else BATCH
        return done, spent


class Same:
    """A case on one and the same thing that takes microseconds at most: the clock is looked at once in a turn."""

    def __init__(self, work: Callable[[], object], count: int) -> None:
        self._work = work
        self._count = count

    def turn(self) -> tuple[int, float]:
        work, count = self._work, self._count
        began = time.process_time()
        for _ in range(count):
            work()
        return count, time.process_time() - began


class Node:
    """A process of node that waits for its turns."""

    def __init__(self, binary: str, contexts: Mapping[str, bytes], documents: list[Any]) -> None:
        self._process = subprocess.Popen(
            [binary, Path(__file__).with_name("node_path.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        loaded = {address: json.loads(content) for address, content in contexts.items()}
        self.ask({"contexts": loaded, "documents": documents})

    def ask(self, question: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("node gave up: see its message above")
        return json.loads(answer)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class There:
    """A case in a process of node."""

    def __init__(self, node: Node, what: str) -> None:
        self._node = node
        self._what = what
        node.ask({"do": what, "count": 20})  # its compiler warms up

    def turn(self) -> tuple[int, float]:
        answer = self._node.ask({"do": self._what, "count": 3})
        return answer["count"], answer["seconds"]


def measured(cases: Mapping[str, Case], rounds: int) -> dict[str, Rate]:
    draw = random.Random(1)
    for case in cases.values():
        case.turn()  # fills the caches that a process has anyway
    turns: dict[str, list[tuple[int, float]]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name in draw.sample(list(cases), len(cases)):
            turns[name].append(cases[name].turn())
    return {name: _rate(found) for name, found in turns.items()}


def _rate(turns: list[tuple[int, float]]) -> Rate:
    rates = sorted(count / spent for count, spent in turns if spent)
    mean = sum(count for count, _ in turns) / sum(spent for _, spent in turns)
    return Rate(mean=mean, fast=rates[int(len(rates) * 0.9)])
