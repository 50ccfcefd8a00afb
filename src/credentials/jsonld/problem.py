"""What is wrong with a document, while we are still on the way back to its root."""

from collections.abc import Iterable
from typing import Final

from credentials.errors import Refused

DROPPED: Final = "DATA_LOSS_DETECTION_ERROR"  # https://w3id.org/security#DATA_LOSS_DETECTION_ERROR
MALFORMED: Final = "MALFORMED_VALUE_ERROR"  # https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR
CONTEXT: Final = "context-not-allowed"
LIMIT: Final = "canonicalization-limit"


class Problem(Exception):
    """Raised where the defect is. Each level that it passes adds its own key with ``at``, so a sound document pays
    nothing for pointers that nobody reads. ``refused`` makes it the failure that leaves this room."""

    def __init__(self, code: str, detail: str, step: str | int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self._steps: list[str | int] = [] if step is None else [step]  # from the defect up to the root

    def at(self, step: str | int) -> None:
        self._steps.append(step)

    def refused(self) -> Refused:
        return Refused(self.code, self.detail, pointer(reversed(self._steps)))


def pointer(steps: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901, section 3)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def shown(text: object) -> str:
    """A stranger's text inside a sentence: quoted, and no longer than a line."""
    return repr(text[:80] if isinstance(text, str) else text)
