"""The kinds of failure.

    Failure
    ├── Malformed            what was sent cannot be read or breaks a rule of form
    │   ├── TooLarge         it is over a stated cap
    │   └── Refused          a credential, or a part of one, does not hold: a stable code and the place
    ├── Unauthenticated      nobody, or not who they say
    ├── Forbidden            somebody, but this is not theirs to do
    ├── NotFound             no such thing, or not one that you may know of (the two look alike)
    ├── Conflict             the thing's state does not allow it
    │   └── Stale            it changed since you read it
    ├── TooMany              slow down
    └── Unavailable          our own fault, and passing: try again

A room names its own failures beside its nouns, as subclasses of these with a ``code``. ``web/errors.py`` is the one
place that knows which HTTP status each kind has.
"""

from typing import ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with an input.

    ``pointer`` says where: a JSON Pointer (RFC 6901) into the body, or the name of a parameter. ``detail`` is a
    sentence for the person who can mend it.
    """

    detail: str
    pointer: str = ""
    code: str = ""


class Failure(Exception):
    """What was asked for cannot be done. ``detail`` says what is wrong and what to do about it."""

    code: ClassVar[str] = "failure"

    def __init__(self, detail: str, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class Malformed(Failure):
    code = "malformed"


class TooLarge(Malformed):
    code = "too-large"


class Refused(Malformed):
    """A credential, key, proof or list does not hold.

    ``code`` is one of the stable codes of ``docs/codes.md``: the standards' own name where they have one
    (``DATA_LOSS_DETECTION_ERROR``), else ours (``context-not-allowed``). ``pointer`` is a JSON Pointer into the document.
    ``verification`` turns it into a finding; whoever asked us to sign such a thing gets it as it is.
    """

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(detail, faults=(Fault(detail, pointer, code),))
        self.code = code  # type: ignore[misc]  # the code belongs to the defect, not to the class
        self.pointer = pointer


class Unauthenticated(Failure):
    code = "unauthenticated"


class Forbidden(Failure):
    code = "forbidden"


class NotFound(Failure):
    code = "not-found"


class Conflict(Failure):
    code = "conflict"


class Stale(Conflict):
    code = "stale"


class TooMany(Failure):
    """``retry_after`` is in seconds."""

    code = "too-many-requests"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(Failure):
    code = "unavailable"
