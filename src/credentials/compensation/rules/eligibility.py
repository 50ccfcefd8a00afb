"""What bars a claim: the award, the person, the plan, the day, and what was paid already."""

from collections.abc import Collection, Iterable

from credentials.awards.model import AwardKind, AwardState
from credentials.compensation.model.reasons import Code, Reason
from credentials.compensation.model.rules import PayRule
from credentials.compensation.model.terms import Accepts, Terms
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.words import day_words, either


def barred(rule: PayRule, terms: Terms, facts: Facts, history: History) -> Iterable[Reason]:
    if facts.state is AwardState.REVOKED:
        yield Reason(code=Code.REVOKED, text="The award was revoked.")
    if facts.state is AwardState.SUSPENDED:
        yield Reason(code=Code.SUSPENDED, text="The award is suspended for now.")
    if facts.state is AwardState.ACTIVE and not facts.is_current:
        yield Reason(code=Code.EXPIRED, text="The award has run out.")
    yield from not_accepted(terms.accepts, facts.kind, facts.covers, facts.issuer_id, facts.tags)
    yield from _not_eligible(terms, facts)
    if terms.prior_approval and (facts.prior_on is None or facts.prior_on > facts.awarded_on):
        when = f"it was approved on {day_words(facts.prior_on)}, after the award" if facts.prior_on else "there is none"
        yield Reason(code=Code.NOT_PREAPPROVED, text=f"The plan must be approved before it is earned: {when}.")
    if terms.evidence_within_days is not None:
        days = (facts.claimed_on - facts.awarded_on).days
        if days > terms.evidence_within_days:
            text = f"The claim came {days} days after the award; the rule gives {terms.evidence_within_days}."
            yield Reason(code=Code.LATE, text=text)
    for earlier in history.earlier:
        same_rule = earlier.rule_id == rule.id
        if set(earlier.covers) & set(facts.covers) and (same_rule or terms.exclusive or earlier.exclusive):
            how = "under this rule" if same_rule else "under another rule, and only one of them pays"
            text = f"“{earlier.title}” was compensated already {how}."
            yield Reason(code=Code.ALREADY_COMPENSATED, text=text)
            return


def _not_eligible(terms: Terms, facts: Facts) -> Iterable[Reason]:
    eligible = terms.eligible
    if eligible.members_only and not facts.is_member:
        yield Reason(code=Code.ROLE_NOT_ELIGIBLE, text="You have no role as an educator here on this day.")
        return
    if not eligible.positions and not eligible.bands:
        return
    named = []
    if eligible.positions:
        named.append(f"as {either(eligible.positions)}")
    if eligible.bands:
        named.append(f"in band {either(eligible.bands)}")
    if facts.placement is None:
        text = (
            f"The rule is for people employed {' or '.join(named)}, and the office has recorded no position: ask it to."
        )
        yield Reason(code=Code.FACT_MISSING, text=text)
    elif facts.placement.position not in eligible.positions and facts.placement.band not in eligible.bands:
        band = f", band {facts.placement.band}" if facts.placement.band else ""
        text = f"The rule is for people employed {' or '.join(named)}; recorded is {facts.placement.position}{band}."
        yield Reason(code=Code.ROLE_NOT_ELIGIBLE, text=text)


def not_accepted(
    accepts: Accepts, kind: AwardKind, covers: Collection[str], issuer_id: str, tags: Collection[str]
) -> Iterable[Reason]:
    """Why a rule does not pay for an achievement, whoever was awarded it."""
    is_listed = not accepts.achievements or set(covers) & set(accepts.achievements)
    if kind not in accepts.kinds or not is_listed:
        yield Reason(code=Code.NOT_ACCEPTED, text="The rule does not name this award among those that it pays for.")
    if accepts.issuers and issuer_id not in accepts.issuers:
        yield Reason(code=Code.ISSUER_NOT_ACCEPTED, text="The rule does not accept awards of this issuer.")
    if accepts.tags and not set(accepts.tags) & set(tags):
        text = f"The rule pays for awards marked {either(accepts.tags)}, and this one is not."
        yield Reason(code=Code.LEVEL_NOT_ACCEPTED, text=text)
