"""What is installed from the wheel is whole: it has the contexts, the migrations, the pages and what they are made of."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_pinned_contexts_and_their_digests_are_in_the_wheel(names: set[str]) -> None:
    here = {f"credentials/contexts/{path.name}" for path in (REPOSITORY / "contexts").glob("*.json")}
    assert here
    assert here <= names


@pytest.mark.parametrize("folder", ["web/templates", "web/static", "db/migrations/versions", "demo/content/data"])
def test_every_file_that_the_program_reads_is_in_the_wheel(names: set[str], folder: str) -> None:
    at = REPOSITORY / "src" / "credentials" / folder
    here = {
        f"credentials/{path.relative_to(REPOSITORY / 'src' / 'credentials').as_posix()}"
        for path in at.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here
    assert here <= names


def test_the_built_style_sheet_is_in_the_wheel_although_it_is_not_committed(names: set[str]) -> None:
    assert any(name.startswith("credentials/web/static/vendor/") and name.endswith(".css") for name in names)


def test_no_key_and_no_test_is_in_the_wheel(names: set[str]) -> None:
    assert not [name for name in names if name.startswith(("keys/", "tests/")) or name.endswith((".key", ".pem"))]
