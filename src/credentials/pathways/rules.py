from collections.abc import Iterable
from datetime import datetime

from credentials.awards.model import Award
from credentials.pathways.model import Progress, Stack


def progress(stack: Stack, awards: Iterable[Award], now: datetime) -> Progress:
    """Which members are earned: by an award that is active and has not run out; the earliest where there are several."""
    earned: dict[str, str] = {}
    for award in sorted(awards, key=lambda award: (award.awarded_at, award.id)):
        if award.achievement_id in stack.members and award.is_current(now):
            earned.setdefault(award.achievement_id, award.id)
    return Progress(stack=stack, earned=earned)
