from datetime import date, datetime
from enum import StrEnum

import msgspec

from credentials.errors import Conflict, Malformed


class Measure(StrEnum):
    """What a goal counts. The wording of goals is often open ("growth in attainment"): which of these is meant is said."""

    AWARDS_IN_YEAR = "awards_in_year"
    AWARDS_SO_FAR = "awards_so_far"
    HOLDERS = "holders"


class Band(StrEnum):
    """What kind of place a district is in. ``none``: nobody said so."""

    CITY = "city"
    SUBURB = "suburb"
    TOWN = "town"
    RURAL = "rural"
    NONE = "none"


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """Growth that an organisation set itself: from ``baseline`` in the school year that begins in ``baseline_year``,
    by ``rate_hundredths`` of a percent each year, for ``years`` years."""

    id: str
    organisation_id: str
    title: str
    measure: Measure
    baseline_year: int
    baseline: int
    rate_hundredths: int
    years: int
    source: str = ""
    created_by: str
    created_at: datetime
    ended_at: datetime | None = None


class BandCount(msgspec.Struct, frozen=True, kw_only=True):
    """The educators of one band's districts: how many they are, how many hold an award in force, and the awards made to them
    in each of the years that were counted, oldest first, those of all earlier years before."""

    band: Band
    educators: int
    holders: int
    awards: tuple[int, ...]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A count of everybody, as it was published. ``first_year`` is the year that the second of ``awards`` is of."""

    id: str
    organisation_id: str
    counted_on: date
    first_year: int
    bands: tuple[BandCount, ...]
    published_by: str


class YearLine(msgspec.Struct, frozen=True, kw_only=True):
    """A year of a goal. ``actual`` is absent for a year to come and where it is not shown; ``below`` is how much is missing
    to the target, negative where it is passed."""

    year: int
    target: int
    actual: int | None = None
    below: int | None = None
    going_on: bool = False


class FiguresRefused(Malformed):
    code = "figures-refused"


class TooSoon(Conflict):
    code = "figures-too-soon"
