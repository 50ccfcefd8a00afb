"""One test for each row of each folder of hostile samples: the shared one, and those named by ``--corpus DIR``."""

from pathlib import Path

import pytest
from hostile_world import Row, rows

from credentials.files import packaged_contexts
from credentials.jsonld.contexts import Contexts

_SAMPLES = Path("security") / "samples"


def _shared() -> Path:
    import os

    return Path(os.environ.get("CREDENTIALS_SHARED", Path(__file__).parents[3] / "shared"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    channels = getattr(metafunc.function, "channels", None)
    if channels is None:
        return
    given = [Path(folder) for folder in metafunc.config.getoption("--corpus")]
    corpora = [folder for folder in [_shared() / _SAMPLES, *given] if (folder / "manifest.tsv").is_file()]
    chosen = [row for corpus in corpora for row in rows(corpus) if row.channel in channels]
    if not chosen:
        absent = pytest.param(None, marks=pytest.mark.skip(reason="shared material is absent"), id="absent")
        metafunc.parametrize("row", [absent])
        return
    metafunc.parametrize("row", [pytest.param(row, id=_id(row, len(corpora))) for row in chosen])


def _id(row: Row, corpora: int) -> str:
    return row.file if corpora == 1 else f"{row.corpus.name}/{row.file}"


@pytest.fixture(scope="session")
def contexts() -> Contexts:
    return Contexts(packaged_contexts())
