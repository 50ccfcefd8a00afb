import pytest
from builders import TestClock
from town import Town

from credentials.db import Database


@pytest.fixture
async def town(database: Database, clock: TestClock) -> Town:
    return await Town(database, clock).found()
