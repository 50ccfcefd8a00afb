"""Verifying over HTTP: ``POST /api/v1/verify`` of our own credentials, beside a route of the same server that parses and echoes
the same octets, in the same run.

    python bench/http_verify.py [--rounds 12] [--flood SECONDS]

One worker process on a port of this machine (SQLite), asked over kept connections from this process, the cases in short turns.
Prints requests for each CPU second of the server, and for each second of the clock, with the ratio to the echo; waits at
70 % of what the server could do; and good answers beside a flood of the worst samples (from ../shared, where that is there).
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random  # noqa: TID251 - repeatable orders
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from builders import CHEAP, TestClock, World  # noqa: E402 - the tests' world, which lies beside
from litestar import post  # noqa: E402
from litestar.params import JSONBody  # noqa: E402

from credentials import clock, schema  # noqa: E402
from credentials.awards import service as awards  # noqa: E402
from credentials.db import migrate  # noqa: E402
from credentials.fetch import fetch_nothing  # noqa: E402
from credentials.issuing import service as issuing  # noqa: E402
from credentials.people.model import Role  # noqa: E402
from credentials.sealing import service as sealing  # noqa: E402
from credentials.sealing.model import Format  # noqa: E402
from credentials.settings import Environment, Settings  # noqa: E402
from credentials.web.app import create_app  # noqa: E402
from credentials.web.parts import open_parts  # noqa: E402
from credentials.web.server import settle  # noqa: E402

assert schema.ROOMS

BADGES = 40
CONNECTIONS = 8
TURN = 60
"""Requests of one case before the next one has its turn."""
LOAD = 0.7


def settings(folder: Path, port: int) -> Settings:
    return Settings(
        environment=Environment.DEVELOPMENT,
        base_url=f"http://localhost:{port}",
        data_dir=folder,
        keys_dir=folder / "keys",
        fetch=False,
        verify_per_minute=100_000_000,
    )


async def issue(folder: Path, port: int) -> dict[str, list[bytes]]:
    """Badges by the whole path of the service."""
    async with open_parts(settings(folder, port), now=clock.now, fetch=fetch_nothing, password_cost=CHEAP) as parts:
        await migrate.upgrade(parts.database)
        world = await World(parts, TestClock(clock.now() - timedelta(days=1))).found()
        entry = await world.publish()
        found: dict[str, list[bytes]] = {"eddsa-rdfc-2022": [], "VC-JWT": []}
        for number in range(BADGES):
            await world.join(f"teacher{number}", "heron-school", Role.EDUCATOR)
            submission = await world.submission(entry, f"teacher{number}")
            await world.decide(submission)
            await world.redeem()
            award = await world.see(awards.by_submission, submission.id)
            for format_, kept in zip((Format.DATA_INTEGRITY, Format.JWT), found.values(), strict=True):
                kept.append((await world.see(sealing.sealed_as, award.intent_id, format_)).body)
        await issuing.publish_due_lists(parts.office, clock.now())
        return found


@post("/bench/echo", status_code=200)
async def echo(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
    """Parses and writes again, and nothing else."""
    return data


def serve(folder: str, port: int) -> None:
    """The worker process."""
    import uvicorn
    import uvloop

    async def run() -> None:
        async with open_parts(settings(Path(folder), port), now=clock.now, fetch=fetch_nothing) as parts:
            app = create_app(parts)
            app.register(echo)
            settle()
            config = uvicorn.Config(app, port=port, loop="none", http="httptools", log_config=None, access_log=False)
            await uvicorn.Server(config).serve()

    uvloop.run(run())


def request(port: int, path: str, body: bytes, kind: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Accept: application/json\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One kept connection: a request, its answer, the next one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, message: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(message)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, IndexError):
            self.close()
            return 0, b""
        if b"connection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1]), body

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> float:
    (line,) = (one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def turn(connections: Sequence[Connection], messages: Sequence[bytes], count: int) -> list[float]:
    """``count`` requests over all connections, each as soon as its connection is free: how long each took."""
    left = iter(range(count))
    took: list[float] = []

    async def one(connection: Connection) -> None:
        for number in left:
            began = time.perf_counter()
            status, body = await connection.ask(messages[number % len(messages)])
            took.append(time.perf_counter() - began)
            if status != 200:
                raise SystemExit(f"HTTP {status}: {body[:300]!r}")

    await asyncio.gather(*(one(connection) for connection in connections))
    return took


async def measure(pid: int, port: int, cases: dict[str, list[bytes]], rounds: int) -> dict[str, dict[str, float]]:
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    seen = {name: {"requests": 0, "cpu": 0.0, "wall": 0.0} for name in cases}
    order = random.Random(1)
    for messages in cases.values():
        await turn(connections, messages, 2 * TURN)  # warm
    for _ in range(rounds):
        for name in order.sample(list(cases), len(cases)):
            cpu, wall = cpu_seconds(pid), time.perf_counter()
            await turn(connections, cases[name], 10 * TURN)
            seen[name]["requests"] += 10 * TURN
            seen[name]["cpu"] += cpu_seconds(pid) - cpu
            seen[name]["wall"] += time.perf_counter() - wall
    for connection in connections:
        connection.close()
    return {
        name: {"per_cpu_second": one["requests"] / one["cpu"], "per_second": one["requests"] / one["wall"]}
        for name, one in seen.items()
    }


async def waits(port: int, messages: list[bytes], rate: float, seconds: float) -> dict[str, float]:
    """How long answers take when requests come at ``rate`` a second, whatever the server does (an open loop)."""
    took: list[float] = []
    free = [Connection(port) for _ in range(64)]

    async def one(number: int) -> None:
        began = time.perf_counter()
        connection = free.pop() if free else Connection(port)
        await connection.ask(messages[number % len(messages)])
        took.append(time.perf_counter() - began)
        free.append(connection)

    began, running = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running.append(asyncio.create_task(one(number)))
    await asyncio.gather(*running)
    took.sort()
    return {"rate": rate, "p50_ms": took[len(took) // 2] * 1e3, "p99_ms": took[int(len(took) * 0.99)] * 1e3}


async def flood(pid: int, port: int, good: list[bytes], bad: list[bytes], seconds: float) -> dict[str, float]:
    """Good requests beside connections that send nothing but the worst samples."""
    end = time.perf_counter() + seconds
    told = {"good": 0, "good answers": 0, "bad": 0, "server errors": 0}
    took: list[float] = []

    async def hostile(messages: list[bytes], seed: int) -> None:
        connection, order = Connection(port), random.Random(seed)
        while time.perf_counter() < end:
            status, _ = await connection.ask(order.choice(messages))
            told["bad"] += 1
            told["server errors"] += status >= 500

    async def honest() -> None:
        connection, number = Connection(port), 0
        while time.perf_counter() < end:
            began = time.perf_counter()
            status, body = await connection.ask(good[number % len(good)])
            took.append(time.perf_counter() - began)
            told["good"] += 1
            told["good answers"] += status == 200 and b'"verdict":"accept"' in body
            number += 1
            await asyncio.sleep(0.02)

    await asyncio.gather(*(hostile(bad, seed) for seed in range(25)), *(honest() for _ in range(5)))
    took.sort()
    return {**told, "good p99 s": took[int(len(took) * 0.99)], "peak MiB": peak_mib(pid)}


def samples(port: int) -> list[bytes]:
    shared = Path(os.environ.get("CREDENTIALS_SHARED", REPOSITORY.parent / "shared"))  # noqa: TID251 - as the tests do
    shared = shared / "security" / "samples"
    kinds = {".json": "application/json", ".jwt": "text/plain", ".png": "image/png", ".svg": "image/svg+xml"}
    found = [path for folder in ("dos", "graph", "json") for path in sorted((shared / folder).glob("*"))]
    return [
        request(port, "/api/v1/verify", path.read_bytes(), kinds[path.suffix]) for path in found if path.suffix in kinds
    ]


async def run(rounds: int, seconds: float) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        badges = await issue(Path(folder), port)
        worker = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, port), daemon=True)
        worker.start()
        try:
            assert worker.pid is not None
            verify = {
                name: [request(port, "/api/v1/verify", body, kind) for body in badges[name]]
                for name, kind in (("eddsa-rdfc-2022", "application/json"), ("VC-JWT", "text/plain"))
            }
            bodies = badges["eddsa-rdfc-2022"]
            cases = {"echo": [request(port, "/bench/echo", one, "application/json") for one in bodies], **verify}
            for _ in range(200):
                if (await Connection(port).ask(cases["echo"][0]) if await is_open(port) else (0, b""))[0] == 200:
                    break
                await asyncio.sleep(0.1)
            for name, messages in verify.items():
                status, body = await Connection(port).ask(messages[0])
                if status != 200 or b'"verdict":"accept"' not in body:
                    raise SystemExit(f"{name}: HTTP {status} {body[:500]!r}: nothing was measured")
            rates = await measure(worker.pid, port, cases, rounds)
            base = rates["echo"]["per_cpu_second"]
            size = sum(map(len, bodies)) / len(bodies)
            print(f"{size:,.0f} octets each, load {os.getloadavg()[0]:.1f}")
            print(f"{'':18}{'per CPU second':>16}{'per second':>12}{'to the echo':>13}")
            for name, rate in rates.items():
                rate["ratio"] = rate["per_cpu_second"] / base
                print(f"{name:18}{rate['per_cpu_second']:16,.0f}{rate['per_second']:12,.0f}{rate['ratio']:13.2f}")
            found: dict[str, Any] = {"rates": rates, "load": os.getloadavg()[0]}
            for name, messages in verify.items():
                found[f"waits {name}"] = told = await waits(port, messages, LOAD * rates[name]["per_second"], 6)
                print(
                    f"{name}: at {told['rate']:,.0f} a second p50 {told['p50_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms"
                )
            if seconds and (bad := samples(port)):
                found["flood"] = told = await flood(worker.pid, port, verify["eddsa-rdfc-2022"], bad, seconds)
                print("flood: " + ", ".join(f"{name} {value:,.2f}" for name, value in told.items()))
            return found
        finally:
            worker.terminate()
            worker.join(10)


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--flood", type=float, default=20, metavar="SECONDS")
    asked = parser.parse_args()
    found = asyncio.run(run(asked.rounds, asked.flood))
    results = REPOSITORY / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "http_verify.json").write_text(json.dumps(msgspec.to_builtins(found), indent=1) + "\n")


if __name__ == "__main__":
    main()
