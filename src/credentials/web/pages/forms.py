"""What a form sends, and how it is shown again when it is refused: with what was typed, and each fault at its field."""

import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from credentials.errors import Conflict, Failure, Fault, Forbidden, Malformed, TooMany
from credentials.web.errors import status_of

T = TypeVar("T")

MENDABLE = (Malformed, Conflict, Forbidden, TooMany)
"""What a person can mend or wait out on the page where it happened. Anything else has a page of its own."""

_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


class FormRefused(Malformed):
    """Fields that do not have the form that is asked for; ``pointer`` of each fault is the field's name."""

    code = "form-refused"


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form that came back. ``form`` says which of those on the page, ``values`` what was typed, ``sentence`` what is wrong,
    ``faults`` what is wrong with a field, by its name, ``code`` what it is called.
    ``retry_after`` is in seconds, 0 where one need not wait."""

    form: str = ""
    values: Mapping[str, list[str]] = {}
    sentence: str = ""
    faults: Mapping[str, str] = {}
    code: str = ""
    status: HTTPStatus = HTTPStatus.OK
    retry_after: int = 0

    def is_(self, form: str) -> bool:
        return bool(form) and form == self.form

    def value(self, form: str, field: str, otherwise: str = "") -> str:
        """What was typed into a field, or what it holds when its form did not come back."""
        if not self.is_(form):
            return otherwise
        return (self.values.get(field) or [""])[-1]

    def values_of(self, form: str, field: str, otherwise: list[str]) -> list[str]:
        """The same for a field of several values."""
        return self.values.get(field, []) if self.is_(form) else otherwise

    def fault(self, form: str, field: str) -> str:
        return self.faults.get(field, "") if self.is_(form) else ""


BLANK = Filled()
"""No form came back."""


class Form:
    """The fields of a posted form."""

    def __init__(
        self,
        fields: Mapping[str, list[str]],
        files: Mapping[str, UploadFile],
        chosen: Mapping[str, list[UploadFile]] | None = None,
    ) -> None:
        self._fields = fields
        self.files = files
        self._chosen = chosen or {}

    def __getitem__(self, name: str) -> str:
        """A field as it was typed; a missing one is empty. Line ends are those of Unix."""
        return (self._fields.get(name) or [""])[-1]

    def line(self, name: str) -> str:
        """A field of one line, without the space around it."""
        return self[name].strip()

    def lines(self, name: str) -> tuple[str, ...]:
        """A field of which each line is an entry."""
        return tuple(line.strip() for line in self[name].splitlines() if line.strip())

    def number(self, name: str) -> int:
        """A whole number that the page itself put into the form. Raises ``Malformed`` for anything else."""
        text = self.line(name)
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise Malformed("the form is not whole: open the page again and repeat your change")
        return int(text)

    def day(self, name: str) -> date:
        """A day. Raises ``FormRefused`` where there is none, with the field."""
        try:
            return date.fromisoformat(self.line(name))
        except ValueError:
            fault = Fault("write a day, such as 2027-07-01", name, "invalid")
            raise FormRefused("a day is missing", faults=(fault,)) from None

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self[name])

    def uploads(self, name: str) -> list[UploadFile]:
        """The files of a field that may have several."""
        return [upload for upload in self._chosen.get(name, []) if upload.filename]

    def names(self) -> list[str]:
        """The fields that were sent."""
        return list(self._fields)

    def all(self, name: str) -> list[str]:
        """Every value of a field that may have several."""
        return self._fields.get(name, [])

    def read(self, shape: type[T], **values: Any) -> T:
        """The values as the form's shape, which is the one of the API. Raises ``FormRefused`` with the field at fault."""
        try:
            return msgspec.convert(values, shape, strict=False)
        except msgspec.ValidationError as error:
            detail, field = _explained(str(error))
            raise FormRefused("something is not right here yet", faults=(Fault(detail, field, "invalid"),)) from error

    def back(self, form: str, failure: Failure, *, field: str = "", at: Mapping[str, str] | None = None) -> Filled:
        """The form as it is shown again. ``at`` maps the pointers of faults to fields; ``field`` is where the sentence
        belongs that names none."""
        names = at or {}
        faults = {names.get(fault.pointer, fault.pointer): fault.detail for fault in failure.faults if fault.pointer}
        if field and not faults:
            faults = {field: failure.detail}
        return Filled(
            form=form,
            values=self._fields,
            sentence=failure.detail,
            faults=faults,
            code=failure.code,
            status=status_of(failure),
            retry_after=failure.retry_after if isinstance(failure, TooMany) else 0,
        )


_BOUND = re.compile(r"of length (>=|<=) (\d+)")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")


def _explained(message: str) -> tuple[str, str]:
    """What msgspec says of a value, for a person; and the name of the field."""
    place = _PLACE.search(message)
    field = place[1].partition(".")[0].partition("[")[0] if place else ""
    bound = _BOUND.search(message)
    if bound and bound[1] == "<=":
        return f"this is too long: use at most {bound[2]} characters", field
    if bound:
        return "fill this in" if bound[2] == "1" else f"this is too short: use at least {bound[2]} characters", field
    if "Invalid enum" in message:
        return "choose one of these", field
    return "this cannot be read", field


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """The posted form. Raises ``Malformed`` for text that cannot be kept."""
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    chosen: dict[str, list[UploadFile]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
            chosen.setdefault(name, []).append(value)
            continue
        text = str(value).replace("\r\n", "\n")
        if _UNWRITABLE.search(text):
            raise Malformed("the form has a character in it that cannot be kept: type it again by hand")
        fields.setdefault(name, []).append(text)
    return Form(fields, files, chosen)
