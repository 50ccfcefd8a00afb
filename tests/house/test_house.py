"""The house stays as its map says."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src" / "credentials"
ROOMS = sorted(folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").is_file())

DOORS = {"model", "rules", "service"}
"""What another room may import of a room. ``rules`` are pure, so anybody may ask them."""

FURTHER_DOORS = {
    "audit": {"chain"},
    "catalog": {"case"},
    "evidence": {"intake"},
    "figures": {"suppression"},
    "issuing": {"addresses"},
    "pathways": {"evaluate", "nearest", "progress", "record", "rule", "schema", "verdict", "wording"},
    "people": {"passwords", "roster"},
    "receipts": {"paper"},
    "review": {"agreement"},
    "status": {"bitstring"},
    "trust": {"keystore", "pkcs11", "registry"},
    "verification": {"batches", "containers", "gather", "integrity", "judge", "qr", "reading", "sentences"},
}
OPEN_ROOMS = {"db", "jsonld", "openbadges", "proofs", "web", "demo"}
"""Pure rooms and plumbing, whose modules are all doors; web and demo are at the top, and nobody below imports them."""


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_down_and_pure_modules_are_pure() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    run("ruff", "format", "--check", ".")


def test_mypy_strict_finds_nothing() -> None:
    run("mypy")


def imports_of(path: Path) -> list[tuple[str, str, int]]:
    """Room, module and line of every import of a module of a room."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("credentials."):
            parts = node.module.split(".")[1:]
            if len(parts) > 1:
                found.append((parts[0], parts[1], node.lineno))
            else:
                found += [(parts[0], alias.name, node.lineno) for alias in node.names]
    return found


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_is_entered_by_its_doors(path: Path) -> None:
    home = path.relative_to(SOURCE).parts[0]
    for room, module, line in imports_of(path):
        if room in {home, *OPEN_ROOMS} or room not in ROOMS:
            continue
        if module == "tables" and path.name in {"schema.py", "tables.py"}:
            continue
        assert module in DOORS | FURTHER_DOORS.get(room, set()), f"{path.name}:{line} enters {room} through {module}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_map_in_the_readme_names_the_room(room: str) -> None:
    assert re.search(rf"[├└]── {room}/", (REPOSITORY / "README.md").read_text()), f"the map lacks {room}/"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_room_says_in_a_sentence_what_it_is_for(path: Path) -> None:
    if path.name == "__init__.py":
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path} says nothing"


HOSTS = ("pypi" + ".org", "files." + "pythonhosted", "registry." + "npmjs", "npmjs" + ".com")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    return [REPOSITORY / name for name in listed.split("\0") if name]


def test_no_file_names_a_package_registry() -> None:
    for path in tracked():
        content = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
        for host in HOSTS:
            assert host not in content, f"{path} names {host}"


def test_every_dependency_is_locked_with_hashes() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert "--index-url" not in lock
    for entry in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
