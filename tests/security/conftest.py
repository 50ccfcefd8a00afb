"""One test for each row of each folder of hostile samples: the shared one, and those named by ``--corpus DIR``.

A test says by its ``channels`` mark which rows it takes.
"""

import os
from pathlib import Path

import pytest
from hostile_world import Row, rows

from credentials.files import packaged_contexts
from credentials.jsonld.contexts import Contexts


def _shared() -> Path:
    return Path(os.environ.get("CREDENTIALS_SHARED", Path(__file__).parents[3] / "shared"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "channels(*names): the channels of the hostile samples that a test is for")
    for folder in config.getoption("--corpus"):
        if not (Path(folder) / "manifest.tsv").is_file():
            raise pytest.UsageError(f"--corpus {folder}: there is no manifest.tsv")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker("channels")
    if mark is None:
        return
    given = [Path(folder) for folder in metafunc.config.getoption("--corpus")]
    shared = _shared() / "security" / "samples"
    corpora = [*dict.fromkeys(folder.resolve() for folder in [*([shared] if shared.is_dir() else []), *given])]
    chosen = [
        pytest.param(row, id=_id(row, corpora))
        for corpus in corpora
        for row in rows(corpus)
        if row.channel in mark.args
    ]
    absent = pytest.param(None, marks=pytest.mark.skip(reason="shared material is absent"), id="absent")
    metafunc.parametrize("row", chosen if corpora else [absent])


def _id(row: Row, corpora: list[Path]) -> str:
    return row.file if len(corpora) == 1 else f"{row.corpus}/{row.file}"


@pytest.fixture(scope="session")
def contexts() -> Contexts:
    return Contexts(packaged_contexts())
