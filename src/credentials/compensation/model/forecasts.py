"""What pay may cost."""

from credentials.compensation.model.rules import PayKind
from credentials.compensation.model.wire import Wire


class ForecastLine(Wire, frozen=True, kw_only=True):
    rule: str
    kind: PayKind
    expected_cents: int
    ceiling_cents: int | None = None
    assumptions: tuple[str, ...]


class Forecast(Wire, frozen=True, kw_only=True):
    """An estimate, never a promise: each line says on what it rests."""

    organisation: str
    year: int
    estimate: bool = True
    expected_cents: int
    lines: tuple[ForecastLine, ...]
    assumptions: tuple[str, ...]
