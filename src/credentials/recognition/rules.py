"""Does a rule count a badge, and by what? From the rule's own words alone: nobody's record is asked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import msgspec

from credentials.awards.model import AwardKind
from credentials.compensation.model.rules import PayRule
from credentials.compensation.model.terms import Terms
from credentials.compensation.rules.eligibility import not_accepted
from credentials.compensation.rules.money import worth_cents
from credentials.compensation.rules.sentences import own_amount, plain_words
from credentials.compensation.rules.terms import MONEY_KINDS
from credentials.pathways.rule import Credential, Match, Rule, Sum, Versions, children, is_path
from credentials.pathways.wording import headline, rate_in_words
from credentials.recognition.model import Badge, How, Mention

_NARROWEST = list(How)


class Badges:
    """Badges by what rules ask for, so that a long catalogue is not held against each requirement of each rule.

    Where a rule asks neither for names nor for tags, one badge of each kind and issuer stands for all of them.
    """

    def __init__(self, badges: Iterable[Badge]) -> None:
        self._first: dict[tuple[str, str], Badge] = {}
        self._by_ref: dict[str, list[Badge]] = defaultdict(list)
        self._by_tag: dict[str, list[Badge]] = defaultdict(list)
        self._by_id: dict[str, list[Badge]] = defaultdict(list)
        for badge in badges:
            self._first.setdefault((badge.kind, badge.issuer_id), badge)
            self._by_ref[badge.ref].append(badge)
            for tag in badge.tags:
                self._by_tag[tag].append(badge)
            for covered in badge.covers:
                self._by_id[covered].append(badge)

    def for_any_of(self, matches: Iterable[Match]) -> Iterable[Badge]:
        """Those that may answer all of these matches; whether they do, ``admitted`` says."""
        for match in matches:
            if match.ref:
                return _each(self._by_ref, match.ref)
            if match.tag:
                by_record = self._first.values() if any(map(is_path, match.tag)) else ()
                return {badge.id: badge for badge in (*_each(self._by_tag, match.tag), *by_record)}.values()
        return self._first.values()

    def for_terms(self, terms: Terms) -> Iterable[Badge]:
        """Those that a pay rule may pay for, what it lists with an amount of its own first."""
        listed = [*_each(self._by_id, (own.achievement for own in terms.amounts))]
        if terms.accepts.achievements:
            others = _each(self._by_id, terms.accepts.achievements)
        elif terms.accepts.tags:
            others = _each(self._by_tag, terms.accepts.tags)
        else:
            others = self._first.values()
        return {badge.id: badge for badge in (*listed, *others)}.values()


def _each(found: Mapping[str, list[Badge]], names: Iterable[str]) -> Iterable[Badge]:
    return {badge.id: badge for name in names for badge in found.get(name, ())}.values()


class Admission(msgspec.Struct, frozen=True):
    """``recorded``: what is on record about the educator decides."""

    how: How
    recorded: bool = False

    @property
    def tells_which(self) -> bool:
        """Whether the rule itself tells this badge from others of its kind and issuer."""
        return self.how is How.NAMED or (self.how is How.TAGGED and not self.recorded)

    def and_(self, other: "Admission") -> "Admission":
        """Where both conditions must hold."""
        return Admission(min(self.how, other.how, key=_NARROWEST.index), self.recorded or other.recorded)


def admitted(match: Match, badge: Badge) -> Admission | None:
    """Whether a badge can answer a match of a pathway. Days, scores and earlier use are not asked here, and a match by id
    means one award of one person."""
    if match.id:
        return None
    recorded = False
    for accepted, own in (
        (match.type, {badge.kind.value}),
        (match.ref, {badge.ref}),
        (match.tag, badge.tags),
        (match.issuers, {badge.issuer}),
    ):
        if accepted and own.isdisjoint(accepted):
            if not any(map(is_path, accepted)):
                return None
            recorded = True
    if match.ref:
        return Admission(How.NAMED, recorded)
    if match.tag:
        return Admission(How.TAGGED, recorded)
    return Admission(How.ISSUER if match.issuers else How.KIND, recorded)


def in_pathway(rule: Rule, badges: Badges, today: date) -> tuple[Mention, ...]:
    """The requirements of a pathway in which badges count, in the order of the rule."""
    return _gathered(place for node in _still_asked(rule, today) for place in _in(node, badges))


def _still_asked(rule: Rule, today: date) -> Iterator[Rule]:
    """The node and all below it, without versions that are over."""
    yield rule
    if isinstance(rule, Versions):
        below = tuple(one.rule for one in rule.versions if one.closes is None or today < one.closes)
    else:
        below = children(rule)
    for child in below:
        yield from _still_asked(child, today)


Place = tuple[Badge, Admission, str]
"""A badge counts, by this, in a requirement of these words."""


def _in(node: Rule, badges: Badges) -> Iterator[Place]:
    label = f"{node.label}: " if node.label else ""
    match node:
        case Credential():
            for badge in badges.for_any_of([node.match]):
                if found := admitted(node.match, badge):
                    yield badge, found, f"{label}{headline(node)}"
        case Sum():
            for rate in node.rates:
                for badge in badges.for_any_of([rate.match, node.where]):
                    found, counted = admitted(rate.match, badge), admitted(node.where, badge)
                    if found and counted:
                        yield badge, found.and_(counted), f"{label}{rate_in_words(rate, node.unit)}"
        case _:
            return


def in_pay(rule: PayRule, terms: Terms, badges: Badges, titles: Mapping[str, str]) -> tuple[Mention, ...]:
    """What a pay rule gives for badges. One for which it would pay nothing is not counted."""
    return _gathered(place for badge in badges.for_terms(terms) for place in _paid(rule, terms, badge, titles))


def _paid(rule: PayRule, terms: Terms, badge: Badge, titles: Mapping[str, str]) -> Iterator[Place]:
    accepts = terms.accepts
    if any(not_accepted(accepts, badge.kind, badge.covers, badge.issuer_id, badge.tags)):
        return
    if rule.kind in MONEY_KINDS and not worth_cents(terms, badge.id):
        return
    listed = next((own for own in terms.amounts if own.achievement == badge.id), None)
    if listed or accepts.achievements:
        how = How.NAMED
    elif accepts.tags:
        how = How.TAGGED
    else:
        how = How.ISSUER if accepts.issuers else How.KIND
    yield badge, Admission(how), own_amount(listed, titles) if listed else plain_words(rule, terms, titles)[0]


def _gathered(found: Iterable[Place]) -> tuple[Mention, ...]:
    """One mention for each requirement, by what it counts and with the badges that it names or asks for by their tags."""
    told: dict[tuple[AwardKind, str, Admission, str], dict[str, Badge]] = {}
    for badge, admission, words in found:
        told.setdefault((badge.kind, badge.issuer_id, admission, words), {})[badge.id] = badge
    return tuple(
        Mention(
            how=admission.how,
            kind=kind,
            issuer_id=issuer_id,
            words=words,
            recorded=admission.recorded,
            badges=tuple(one for one in badges.values() if one.id) if admission.tells_which else (),
        )
        for (kind, issuer_id, admission, words), badges in told.items()
    )
