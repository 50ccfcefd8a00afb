"""From a JSON object to a credential that holds, or a refusal that says what is wrong and where."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

import msgspec

from credentials.errors import Refused
from credentials.openbadges import model, rules, vcdm
from credentials.openbadges.model import (
    AchievementCredential,
    ClrCredential,
    Credential,
    Credentials,
    EndorsementCredential,
    Endorsements,
)
from credentials.openbadges.shape import Path, check_shape, pointer
from credentials.openbadges.terms import (
    Date,
    DateTimeZ,
    Strings,
    Types,
    in_words,
    one_or_many,
    parse_date,
    parse_date_time,
)
from credentials.openbadges.vcdm import (
    CONTEXT_V1,
    CONTEXT_V2,
    STATUS_ENTRIES,
    BitstringStatusListCredential,
    StatusEntry,
    Statuses,
    StatusList2021Credential,
    Typed,
    VerifiableCredential,
)

T = TypeVar("T")

KINDS: dict[str, type[Credential]] = {
    "AchievementCredential": AchievementCredential,
    "OpenBadgeCredential": AchievementCredential,
    "EndorsementCredential": EndorsementCredential,
    "ClrCredential": ClrCredential,
    "BitstringStatusListCredential": BitstringStatusListCredential,
    "StatusList2021Credential": StatusList2021Credential,
}
"""The types that have a model of their own. Anything else that says ``VerifiableCredential`` is an open one."""


def check_model(document: object) -> None:
    """Refuse a document that is not a well-formed credential. See ``read_model``."""
    read_model(document)


def read_model(document: object) -> Credential:
    """The credential that ``document``, a parsed JSON value, says: its kind by ``type``, its data model by its first context.

    Raises ``Refused`` with a JSON Pointer and one of these codes:

    - ``json-too-deep``: see ``shape.check_shape``;
    - ``DATA_LOSS_DETECTION_ERROR``: a member that its class does not have;
    - ``MALFORMED_VALUE_ERROR``: anything else, from a missing member or a relative URI to a result that names a level which
      its achievement does not have.

    Of what the standards say SHOULD, only criteria without an id and a narrative are an error here, as they are in
    1EdTech's validator. What our own credentials must hold beyond this is in ``lint``. Proofs, contexts (beyond the order
    that Open Badges and CLR fix) and status methods of unknown type are for whoever verifies.
    """
    check_shape(document)
    return _read(document)


def embedded_credentials(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The credentials that stand inside a checked ``document``, each with its pointer: endorsements of it, of its issuer, of
    its achievement and so on, and the members of a learner record. What stands inside those is theirs: ask again with each."""
    todo: list[tuple[Any, Path]] = [(document, None)]
    while todo:
        value, path = todo.pop()
        if path is not None and isinstance(value, dict) and "VerifiableCredential" in one_or_many(value.get("type")):
            yield pointer(path), value
        elif isinstance(value, dict):
            todo.extend((member, (path, name)) for name, member in reversed(value.items()) if name != "@context")
        elif isinstance(value, list):
            todo.extend((member, (path, index)) for index, member in reversed(list(enumerate(value))))


def _read(document: Any) -> Credential:
    credential = decode(document, _kind(document))
    for place, sentence in rules.broken(credential):
        _refuse(sentence, place)
    return credential


def _kind(document: Any) -> type[Credential]:
    if not isinstance(document, dict):
        _refuse("A credential is a JSON object.")
    types = one_or_many(document.get("type"))
    names = {name for name in types if isinstance(name, str)}
    if "VerifiableCredential" not in names:
        _refuse("The type of a credential must include VerifiableCredential.", "/type")
    contexts = one_or_many(document.get("@context"))
    if not contexts or contexts[0] not in (CONTEXT_V2, CONTEXT_V1):
        _refuse(f"The first context must be {CONTEXT_V2} or {CONTEXT_V1}.", "/@context")
    kinds = {KINDS[name] for name in names & KINDS.keys()}
    if len(kinds) > 1:
        _refuse("A credential is of one kind: its types name several.", "/type")
    return kinds.pop() if kinds else VerifiableCredential


def _refuse(sentence: str, place: str = "") -> NoReturn:
    raise Refused("MALFORMED_VALUE_ERROR", sentence, place)


class _Inside(ValueError):
    """Carries a refusal out of a decoder's hook, so that the decoder adds where the inner value stands in the outer one."""

    def __init__(self, refused: Refused) -> None:
        super().__init__("inside")
        self.refused = refused


def decode(value: Any, kind: type[T]) -> T:
    """``value`` as a struct of the models, its shape checked already. Raises ``Refused`` as ``read_model`` does."""
    try:
        return msgspec.convert(value, kind, dec_hook=_hook)
    except UnicodeEncodeError:
        _refuse("A member's name has half a character in it.")
    except msgspec.ValidationError as error:
        message, place = _message_and_place(str(error))
        inner = error.__cause__
        if isinstance(inner, _Inside):
            raise Refused(inner.refused.code, inner.refused.detail, place + inner.refused.pointer) from None
        unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL)
        if unknown is not None:
            detail = f"{unknown[1][:80]!r} is not a member of this class: nothing says what it would mean."
            raise Refused("DATA_LOSS_DETECTION_ERROR", detail, place + pointer((None, unknown[1]))) from None
        missing = re.fullmatch(r"Object missing required field `(.*)`", message)
        if missing is not None:
            _refuse(f"{missing[1]} is missing.", place + pointer((None, missing[1])))
        _refuse(in_words(message) + ".", place)


def _message_and_place(text: str) -> tuple[str, str]:
    """The decoder's message, and its path ``$.a[0]`` as a JSON Pointer."""
    message, separator, path = text.rpartition(" - at `$")
    if not separator:
        return text, ""
    return message, "".join(f"/{name or index}" for name, index in re.findall(r"\.([^.\[`]+)|\[([0-9]+)\]", path))


def _hook(kind: type, value: Any) -> Any:
    """Decode the values that need more than a type and a pattern."""
    if kind is Types and (usual := _USUAL_TYPES.get(_first_of_one(value))) is not None:
        return usual
    if issubclass(kind, Strings):
        return kind(_strings(value, kind))
    if kind is DateTimeZ:
        parse_date_time(_text(value))
        return DateTimeZ(value)
    if kind is Date:
        parse_date(_text(value))
        return Date(value)
    if kind is Statuses:
        return Statuses(_each(value, _status))
    if kind is Endorsements:
        return Endorsements(_each(value, _endorsement))
    if kind is Credentials:
        return Credentials(_each(value, _read))
    raise NotImplementedError(kind)  # pragma: no cover - a class was given a type that is not listed here


_USUAL_TYPES: dict[str | None, Types] = {
    node.KIND: Types((node.KIND,))
    for node in (*vars(model).values(), *vars(vcdm).values())
    if isinstance(node, type) and issubclass(node, vcdm.Node) and hasattr(node, "KIND")
}
"""What most nodes say of their type, ready made."""


def _first_of_one(value: Any) -> str | None:
    """The one string that a value is, alone or in an array."""
    if type(value) is list and len(value) == 1:
        value = value[0]
    return value if type(value) is str else None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("Expected a string")  # which the decoder takes up, and adds the place


def _strings(value: Any, kind: type[Strings]) -> list[str]:
    strings: list[Any] = value if isinstance(value, list) else [value]
    for index, string in enumerate(strings):
        if not isinstance(string, str) or kind.PATTERN.fullmatch(string) is None:
            place = f"/{index}" if strings is value else ""
            raise _Inside(Refused("MALFORMED_VALUE_ERROR", f"Expected {kind.WORDS}.", place))
    return strings


def _each(value: Any, read: Callable[[Any], T]) -> Iterator[T]:
    for place, member in [("", value)] if not isinstance(value, list) else ((f"/{i}", m) for i, m in enumerate(value)):
        try:
            yield read(member)
        except Refused as refused:
            raise _Inside(Refused(refused.code, refused.detail, place + refused.pointer)) from None


def _status(value: Any) -> StatusEntry:
    named = one_or_many(value.get("type")) if isinstance(value, dict) else []
    kinds = [STATUS_ENTRIES[name] for name in named if isinstance(name, str) and name in STATUS_ENTRIES]
    if len(kinds) > 1:
        _refuse("A status entry is of one kind: its types name several.", "/type")
    return decode(value, kinds[0] if kinds else Typed)


def _endorsement(value: Any) -> EndorsementCredential:
    credential = _read(value)
    if not isinstance(credential, EndorsementCredential):
        _refuse("An endorsement is a credential of type EndorsementCredential.", "/type")
    return credential
