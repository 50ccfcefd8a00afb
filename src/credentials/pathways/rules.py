from collections.abc import Iterable, Sequence
from datetime import date, datetime

from credentials.awards.model import Award, AwardState
from credentials.errors import Fault
from credentials.pathways import rule as rules
from credentials.pathways.model import (
    Effect,
    Fate,
    Loss,
    Lost,
    Pathway,
    PathwayRefused,
    PathwayVersion,
    Progress,
    Stack,
    StackPolicy,
    StackRefused,
)
from credentials.pathways.record import Known
from credentials.pathways.rule import Rule, Version, Versions

MEMBER_WITHDRAWN = "a micro-credential of this stack is suspended, revoked or has run out"
"""What the reason begins with where a stack's policy, and nobody else, suspended or revoked its credential."""
STAYS = "it stays valid, as the rule of this stack says"
"""What the reason begins with where a member is lost and the policy lets the stack stay."""
COMPLETE_AGAIN = "the stack is complete again"


def progress(stack: Stack, awards: Iterable[Award], now: datetime) -> Progress:
    """Which members are earned: by an award that is active and has not run out; the earliest where there are several."""
    earned: dict[str, str] = {}
    for award in sorted(awards, key=lambda award: (award.awarded_at, award.id)):
        if award.achievement_id in stack.members and award.is_current(now):
            earned.setdefault(award.achievement_id, award.id)
    return Progress(stack=stack, earned=earned)


def check_policy(policy: StackPolicy) -> None:
    """A suspension may be lifted; nothing that is done for good follows from it."""
    if policy.suspended is Effect.REVOKED:
        sentence = "a suspension may be lifted, so it revokes nothing: choose `suspended` or `stays`"
        raise StackRefused(sentence, faults=(Fault(sentence, pointer="/policy/suspended"),))


def fate(stack: Stack, awards: Iterable[Award], now: datetime) -> Fate:
    """How a stack that was awarded stands with ``awards``, all that its holder has of its members, in whatever state.

    Where a member was earned more than once and none of it counts, what is best for the holder decides.
    """
    held: dict[str, list[Award]] = {member: [] for member in stack.members}
    for award in sorted(awards, key=lambda award: (award.awarded_at, award.id)):
        if award.achievement_id in held:
            held[award.achievement_id].append(award)
    counting: dict[str, str] = {}
    lost: list[Lost] = []
    for member, found in held.items():
        current = [award for award in found if award.is_current(now)]
        if current:
            counting[member] = current[0].id
            continue
        losses = [_lost(stack, award) for award in found]
        if not losses:  # no stack is awarded so; whatever it is, it does not stay valid
            lost.append(Lost(member=member, title=member, loss=Loss.REVOKED, effect=Effect.SUSPENDED))
            continue
        mildest = min(losses, key=lambda one: list(Effect).index(one.effect))
        lost.append(mildest)
        if mildest.effect is Effect.STAYS:
            counting[member] = found[losses.index(mildest)].id
    return Fate(counting=counting, lost=tuple(lost))


def _lost(stack: Stack, award: Award) -> Lost:
    loss = {AwardState.REVOKED: Loss.REVOKED, AwardState.SUSPENDED: Loss.SUSPENDED}.get(award.state, Loss.EXPIRED)
    return Lost(member=award.achievement_id, title=award.title, loss=loss, effect=stack.policy.effect(loss))


_BECAME = {Loss.REVOKED: "was revoked", Loss.SUSPENDED: "is suspended", Loss.EXPIRED: "has run out"}


def reason_of(fate: Fate) -> str:
    """Why a stack's credential is in the state that its policy asks for, for its holder and for whoever relies on it."""
    if not fate.lost:
        return COMPLETE_AGAIN
    start = STAYS if fate.effect is Effect.STAYS else MEMBER_WITHDRAWN
    return f"{start}: {', '.join(f'“{one.title}” {_BECAME[one.loss]}' for one in fate.lost)}"


_STATES = {Effect.STAYS: AwardState.ACTIVE, Effect.SUSPENDED: AwardState.SUSPENDED, Effect.REVOKED: AwardState.REVOKED}


def settle(award: Award, fate: Fate) -> tuple[AwardState, str] | None:
    """The state that an awarded stack must have, and the reason; nothing where it has both.

    What people decided stands: a stack that they suspended or revoked does not come back by itself. What the policy revoked
    comes back, issued anew, once nothing keeps it away.
    """
    to, reason = _STATES[fate.effect], reason_of(fate)
    by_policy = award.state_reason.startswith(MEMBER_WITHDRAWN)
    match award.state:
        case AwardState.ACTIVE if to is AwardState.ACTIVE:
            told = award.state_reason == reason or not (fate.lost or award.state_reason.startswith(STAYS))
            return None if told else (to, reason)
        case AwardState.ACTIVE:
            return to, reason
        case AwardState.SUSPENDED if by_policy and (award.state is not to or award.state_reason != reason):
            return to, reason
        case AwardState.REVOKED if by_policy and to is AwardState.ACTIVE:
            return to, reason
    return None


def rule_of(pathway: Pathway, versions: Sequence[PathwayVersion], as_of: date, known: Known = Known.THEN) -> Rule:
    """The pathway as one rule, whose version is chosen by the basis date.

    Only approved versions count; judged as known then, only those that were approved by that day. Without any the rule has
    a version that is never in force, so that the verdict says NO_RULE_IN_FORCE.
    """
    chosen = [
        Version(
            name=version.name or f"version {version.number}",
            rule=rules.decode(version.rule),
            opens=version.effective_from,
            closes=version.effective_to,
        )
        for version in versions
        if version.approved_at is not None and (known is Known.NOW or version.approved_at.date() <= as_of)
    ]
    never = Version(name="", rule=rules.NotApplicable(at=""), opens=date.max)
    return Versions(at="", label=pathway.title, basis=pathway.basis, versions=tuple(chosen) or (never,))


def check_period(effective_from: date, effective_to: date | None) -> None:
    if effective_to is not None and effective_to <= effective_from:
        raise PathwayRefused("a version ends after it begins: choose a later end")


def ending_for(version: PathwayVersion, others: Iterable[PathwayVersion]) -> PathwayVersion | None:
    """The approved version that this one follows and that must end when it begins.

    Raises ``PathwayRefused`` when two would be in force on one day in any other way.
    """
    before = None
    for other in others:
        if other.id == version.id or other.approved_at is None:
            continue
        overlaps = (other.effective_to is None or version.effective_from < other.effective_to) and (
            version.effective_to is None or other.effective_from < version.effective_to
        )
        if not overlaps:
            continue
        if other.effective_to is None and other.effective_from < version.effective_from:
            before = other
        else:
            raise PathwayRefused(f"version {other.number} is in force in the same time: choose other dates")
    return before
