"""What strangers' pictures are decoded in: a process that is killed when it wants too much."""

import asyncio
from pathlib import Path

import pytest
from sentences import sentences

from credentials.apart import AT_ONCE, WAITING, Apart, BrokeOff, TooBusy

PATIENCE = 600.0
"""Seconds: far more than anything here takes."""


def program(folder: Path, text: str) -> Path:
    path = folder / "program.py"
    path.write_text("import sys\noctets = sys.stdin.buffer.read()\n" + text)
    return path


async def test_a_program_is_given_the_octets_and_what_else_it_is_told(tmp_path: Path) -> None:
    echo = program(tmp_path, "sys.stdout.buffer.write(octets[::-1] + sys.argv[1].encode())")
    assert await Apart()(echo, b"abc", "told", seconds=PATIENCE) == b"cbatold"


@sentences(
    "text",
    {
        "wants more memory than it may have": "octets = bytes(2 << 30)",
        "writes a file": "open(sys.argv[0] + '.written', 'wb', 0).write(b'abc')",
        "raises": "raise ValueError",
        "brings its interpreter down": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "ends before it has answered": "sys.exit(3)",
        "looks for a variable of ours": "import os; os.environ['PATH']",
        "looks for a module of ours beside it": "import program_that_is_beside_it",
    },
)
async def test_what_goes_wrong_there_stays_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "program_that_is_beside_it.py").touch()
    apart = Apart()
    with pytest.raises(BrokeOff):
        await apart(program(tmp_path, text), b"", seconds=PATIENCE)
    assert await apart(program(tmp_path, "print('next')"), b"", seconds=PATIENCE) == b"next\n"


async def test_what_does_not_end_is_killed(tmp_path: Path) -> None:
    with pytest.raises(BrokeOff):
        await Apart()(program(tmp_path, "while True: pass"), b"", seconds=0.5)


async def test_few_run_at_a_time_and_of_many_that_wait_the_last_are_sent_away(tmp_path: Path) -> None:
    apart = Apart()
    echo = program(tmp_path, "sys.stdout.buffer.write(octets)")
    many = AT_ONCE + WAITING + 3
    done = await asyncio.gather(
        *(apart(echo, str(number).encode(), seconds=PATIENCE) for number in range(many)), return_exceptions=True
    )
    assert [one for one in done if isinstance(one, bytes)] == [str(number).encode() for number in range(many - 3)]
    assert [type(one) for one in done[-3:]] == [TooBusy] * 3
    assert await apart(echo, b"again", seconds=PATIENCE) == b"again"
