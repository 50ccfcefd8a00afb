"""The values that members of a credential may have, and the vocabularies that the standards fix.

Source: Open Badges 3.0, "Data Models" (primitive and derived types, enumerations); VCDM 2.0, sections "Identifiers",
"Names and Descriptions", "Representing Time"; Bitstring Status List, section "BitstringStatusListEntry".

``DateTimeZ``, ``Date`` and the ``Strings`` are decoded by ``check.read_model``; the other types carry their own pattern.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, TypeAlias, TypeVar, get_args

from msgspec import Meta, Struct

T = TypeVar("T")

OneOrMany: TypeAlias = T | list[T]
"""A property that may collapse: JSON-LD compaction writes a set of one as that one. (``shape`` has refused the empty array.)

Never of a string with a pattern: msgspec 0.22 frees such a union wrongly, and the interpreter crashes at its end. Those are
the ``Strings`` below."""


def one_or_many(value: T | list[T] | None) -> list[T]:
    """The members of a property that may collapse or be absent."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# No space, control character or delimiter of RFC 3987 that an IRI cannot have: JSON-LD processors disagree on what to do
# with such a node, and some drop it with everything in it. A blank node ("_:b") has no scheme, so it does not match.
# The first half takes the usual ones of ASCII, in half the time.
_IRI = (
    r"\A(?:(?:https?|did|urn):[!#-;=?-\[\]_a-z~]+"
    r"|[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20\x7f-\x9f<>\"{}|\\^`\s]+)\Z"
)
_IRI_WORDS = "an absolute URI, such as https://example.org/badges/1"

Iri = Annotated[str, Meta(pattern=_IRI, description=_IRI_WORDS)]
LanguageCode = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z",
        description="a language code, such as en or es-MX",
    ),
]
LanguageTag = Annotated[
    str, Meta(pattern=r"\A[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z", description="a language tag (BCP 47)")
]
StatusListIndex = Annotated[
    str,
    Meta(pattern=r"\A(0|[1-9][0-9]{0,15})\Z", description="a whole number of zero or more, written as a string"),
]
EncodedList = Annotated[
    str, Meta(pattern=r"\Au[A-Za-z0-9_-]+\Z", description="a list in multibase base64url: u and then its octets")
]


class Strings(tuple[str, ...]):
    """The strings of a property that may collapse, whether it was written as one or as several. Each has ``PATTERN``, which
    ``WORDS`` puts into words."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]]
    WORDS: ClassVar[str]


class Types(Strings):
    """The types of a node: terms, or absolute URIs."""

    __slots__ = ()
    PATTERN = re.compile(r"(?!@|_:)[^\x00-\x20\s]+")
    WORDS = "the name of a type"


class Iris(Strings):
    __slots__ = ()
    PATTERN = re.compile(_IRI)
    WORDS = _IRI_WORDS


class CompactJwss(Strings):
    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
    WORDS = "a compact JWS: three parts of base64url with a dot between them"


class Multibases(Strings):
    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-+/=]+")
    WORDS = "a digest in multibase form"


HASH_EXPRESSION = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?[!-~]*)?")
"""A digest as Subresource Integrity writes it (section 3.5, "hash-expression"), with the options that it may have there."""


class LanguageValue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename=lambda name: f"@{name}"):
    """A string with its language and direction (VCDM 2.0, "Language and Base Direction")."""

    value: str
    language: LanguageTag | None = None
    direction: Literal["ltr", "rtl"] | None = None


Text = str | LanguageValue | list[LanguageValue]
"""What VCDM 2.0 allows for ``name`` and ``description`` ("Names and Descriptions")."""


class DateTimeZ(str):
    """A date and time with its offset, as written: Open Badges' DateTimeZ, XML Schema's dateTimeStamp."""

    __slots__ = ()


class Date(str):
    """A calendar date, as written: 1985-04-12."""

    __slots__ = ()


_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,12})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=1024)  # one credential is asked for its few dates again and again; what is refused is not kept
def parse_date_time(text: str) -> datetime:
    """The moment that a ``DateTimeZ`` names, in UTC and to the microsecond.

    Raises ``ValueError`` for another form, a day that no calendar has, a leap second, or a missing offset: Open Badges 3.0
    demands the offset, where VCDM 2.0 would read its absence as UTC.
    """
    if _DATE_TIME.fullmatch(text) is None:
        raise ValueError("Expected a date and time with its offset, such as 2026-01-15T09:30:00Z")
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Expected a moment that the calendar has") from None


def parse_date(text: str) -> date:
    """The day that a ``Date`` names. Raises ``ValueError``."""
    if _DATE.fullmatch(text) is None:
        raise ValueError("Expected a date, such as 1985-04-12")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("Expected a day that the calendar has") from None


def format_date_time(moment: datetime) -> str:
    """``moment`` in UTC to the second, which is what a JWT's ``nbf`` can say too. Raises ``ValueError`` without an offset."""
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its offset")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _extensible(name: str, *terms: str) -> Meta:
    """A vocabulary that others may extend: their terms start with ``ext:`` (Open Badges 3.0, "Extending vocabularies")."""
    known = "|".join(re.escape(term) for term in terms)
    return Meta(
        pattern=rf"\A(?:{known}|ext:[A-Za-z0-9._|-]+)\Z",
        description=f"a term of the standard for {name}, or an extension that starts with ext:",
    )


AchievementType = Annotated[
    str,
    _extensible(
        "achievementType",
        "Achievement",
        "ApprenticeshipCertificate",
        "Assessment",
        "Assignment",
        "AssociateDegree",
        "Award",
        "BachelorDegree",
        "Badge",
        "Certificate",
        "CertificateOfCompletion",
        "Certification",
        "CoCurricular",
        "CommunityService",
        "Competency",
        "Course",
        "Degree",
        "Diploma",
        "DoctoralDegree",
        "Fieldwork",
        "GeneralEducationDevelopment",
        "JourneymanCertificate",
        "LearningProgram",
        "License",
        "MasterCertificate",
        "MasterDegree",
        "Membership",
        "MicroCredential",
        "ProfessionalDoctorate",
        "QualityAssuranceCredential",
        "ResearchDoctorate",
        "SecondarySchoolDiploma",
    ),
]
AlignmentTargetType = Annotated[
    str,
    _extensible(
        "targetType",
        "CFItem",
        "CFRubric",
        "CFRubricCriterion",
        "CFRubricCriterionLevel",
        "CTDL",
        "ceasn:Competency",
        "ceterms:Credential",
    ),
]
IdentifierType = Annotated[
    str,
    _extensible(
        "identifierType",
        "accountId",
        "emailAddress",
        "identifier",
        "isbn",
        "issn",
        "lisSourcedId",
        "ltiContextId",
        "ltiDeploymentId",
        "ltiPlatformId",
        "ltiToolId",
        "ltiUserId",
        "name",
        "nationalIdentityNumber",
        "oneRosterSourcedId",
        "productId",
        "sisSourcedId",
        "sourcedId",
        "systemId",
        "userName",
    ),
]
ResultType = Annotated[
    str,
    _extensible(
        "resultType",
        "GradePointAverage",
        "LetterGrade",
        "Percent",
        "PerformanceLevel",
        "PredictedScore",
        "RawScore",
        "Result",
        "RubricCriterion",
        "RubricCriterionLevel",
        "RubricScore",
        "ScaledScore",
        "Status",
    ),
]
# Closed: the standard lets nobody add a status.
ResultStatus = Literal["Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"]
AssociationType = Literal[
    "exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy"
]

_WORDS = {
    repr(meta.pattern): meta.description
    for meta in (
        get_args(annotated)[1]
        for annotated in (
            Iri,
            LanguageCode,
            LanguageTag,
            StatusListIndex,
            EncodedList,
            AchievementType,
            AlignmentTargetType,
            IdentifierType,
            ResultType,
        )
    )
}


_KINDS = {
    "str": "a string",
    "object": "an object",
    "array": "an array",
    "bool": "true or false",
    "int": "a whole number",
}
_KINDS |= {"float": "a number", "null": "null"}


def in_words(message: str) -> str:
    """``message`` of the decoder, put into words for the person who can mend it."""
    quoted = message.removeprefix("Expected `str` matching regex ")
    if quoted in _WORDS:
        return f"Expected {_WORDS[quoted]}"
    kinds = re.fullmatch(r"Expected `([a-z |]+)`, got `([a-z]+)`", message)
    if kinds is None:
        return message.replace("`", "")
    expected = " or ".join(_KINDS.get(kind, kind) for kind in kinds[1].split(" | ") if kind != "null")
    return f"Expected {expected}, not {_KINDS.get(kinds[2], kinds[2])}"
