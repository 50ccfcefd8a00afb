"""What becomes of an awarded stack, from values alone: whatever its policy says, and never without a reason."""

from datetime import UTC, datetime, timedelta

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.awards.model import Award, AwardKind, AwardState
from credentials.awards.rules import MOVES
from credentials.errors import Failure
from credentials.pathways import rules
from credentials.pathways.model import Effect, Loss, Stack, StackPolicy, StackRefused
from credentials.pathways.rules import MEMBER_WITHDRAWN
from credentials.pathways.schema import stack_schema
from credentials.pathways.wording import policy_in_words
from credentials.web.api.pathways import NewStack

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def an_award(member: str, became: Loss | None = None, *, number: int = 1) -> Award:
    state = {Loss.REVOKED: AwardState.REVOKED, Loss.SUSPENDED: AwardState.SUSPENDED}.get(became, AwardState.ACTIVE)
    return Award(
        id=f"{member}-{number}",
        kind=AwardKind.MICRO_CREDENTIAL,
        educator_id="teacher",
        organisation_id="alder",
        achievement_id=member,
        title=member.title(),
        credential_id=f"urn:{member}:{number}",
        intent_id=f"intent-{member}-{number}",
        awarded_at=NOW - (10 - number) * DAY,
        valid_until=NOW if became is Loss.EXPIRED else NOW + DAY,
        state=state,
    )


def a_stack(**policy: Effect) -> Stack:
    return Stack(
        id="stack", organisation_id="alder", slug="stack", title="Stack", description="Two.", members=("one", "two"),
        policy=StackPolicy(**policy), created_at=NOW, author_id="developer",
    )  # fmt: skip


def awarded(state: AwardState = AwardState.ACTIVE, reason: str = "") -> Award:
    return msgspec.structs.replace(an_award("stack"), kind=AwardKind.STACK, state=state, state_reason=reason)


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("effect", Effect)
def test_the_policy_decides_what_follows_from_each_loss_of_a_member(loss: Loss, effect: Effect) -> None:
    fate = rules.fate(a_stack(**{loss.value: effect}), [an_award("one"), an_award("two", loss)], NOW)
    assert [(one.member, one.loss, one.effect) for one in fate.lost] == [("two", loss, effect)]
    to, reason = rules.settle(awarded(), fate) or pytest.fail("a loss went by in silence")
    assert (to, "“Two”" in reason) == ({"stays": "active"}.get(effect, effect), True)
    assert fate.counting == ({"one": "one-1"} | ({"two": "two-1"} if effect is Effect.STAYS else {}))


def test_by_default_every_loss_suspends_and_nothing_is_done_for_good() -> None:
    assert {a_stack().policy.effect(loss) for loss in Loss} == {Effect.SUSPENDED}


def test_of_several_losses_the_strictest_decides_and_of_several_awards_of_a_member_the_mildest() -> None:
    stack = a_stack(revoked=Effect.REVOKED, suspended=Effect.SUSPENDED, expired=Effect.STAYS)
    expired, suspended = an_award("one", Loss.EXPIRED), an_award("two", Loss.SUSPENDED)
    assert rules.fate(stack, [expired, suspended], NOW).effect is Effect.SUSPENDED
    revoked = an_award("two", Loss.REVOKED, number=2)
    assert rules.fate(stack, [expired, revoked], NOW).effect is Effect.REVOKED
    assert rules.fate(stack, [expired, revoked, suspended], NOW).effect is Effect.SUSPENDED
    earned_again = an_award("two", number=3)
    assert rules.fate(stack, [expired, revoked, suspended, earned_again], NOW).counting == {
        "one": "one-1",
        "two": "two-3",
    }


def test_a_stack_of_which_a_member_was_never_earned_does_not_stay() -> None:
    policy = dict.fromkeys(("revoked", "suspended", "expired"), Effect.STAYS)
    assert rules.fate(a_stack(**policy), [an_award("one")], NOW).effect is Effect.SUSPENDED


@pytest.mark.parametrize("state", [AwardState.SUSPENDED, AwardState.REVOKED])
@pytest.mark.parametrize("members", [[an_award("one"), an_award("two")], [an_award("one", Loss.REVOKED)]], ids=len)
def test_what_people_decided_stands(state: AwardState, members: list[Award]) -> None:
    stack = a_stack(revoked=Effect.REVOKED)
    assert rules.settle(awarded(state, "As the panel decided."), rules.fate(stack, members, NOW)) is None


LOSSES = st.lists(st.sampled_from([None, *Loss]), min_size=1, max_size=3)
POLICIES = st.builds(a_stack, **{loss.value: st.sampled_from(Effect) for loss in Loss})


@given(stack=POLICIES, life=st.lists(st.tuples(LOSSES, LOSSES), min_size=1, max_size=5))
def test_through_any_life_the_state_is_what_the_policy_says_with_its_reason_and_a_second_look_changes_nothing(
    stack: Stack, life: list[tuple[list[Loss | None], list[Loss | None]]]
) -> None:
    award = awarded()
    for one, two in life:
        held = [
            an_award(member, became, number=number)
            for member, losses in (("one", one), ("two", two))
            for number, became in enumerate(losses)
        ]
        fate = rules.fate(stack, held, NOW)
        due = rules.settle(award, fate)
        if due is not None:
            to, reason = due
            reissued = award.state is AwardState.REVOKED and to is AwardState.ACTIVE
            assert reissued or to is award.state or to in MOVES[award.state]
            award = msgspec.structs.replace(award, state=to, state_reason="" if reissued else reason)
            if reissued and (told := rules.settle(award, fate)):
                award = msgspec.structs.replace(award, state=told[0], state_reason=told[1])
        assert rules.settle(award, fate) is None
        expected = {Effect.STAYS: "active"}.get(fate.effect, fate.effect.value)
        assert award.state == expected or (award.state is AwardState.REVOKED and expected == "suspended")
        named = [lost.title in award.state_reason for lost in fate.lost]
        assert all(named) or award.state is AwardState.REVOKED
        assert award.state is AwardState.ACTIVE or award.state_reason.startswith(MEMBER_WITHDRAWN)


def test_a_suspension_revokes_nothing_for_it_may_be_lifted() -> None:
    with pytest.raises(StackRefused, match="may be lifted") as refused:
        rules.check_policy(StackPolicy(suspended=Effect.REVOKED))
    assert [fault.pointer for fault in refused.value.faults] == ["/policy/suspended"]
    rules.check_policy(StackPolicy(revoked=Effect.REVOKED, suspended=Effect.STAYS, expired=Effect.REVOKED))


BODY = {
    "organisationId": "0" * 36,
    "slug": "assessment",
    "title": "Assessment",
    "description": "Two that belong together.",
    "members": ["a", "b"],
}


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({}, True),
        ({"policy": {}}, True),
        ({"policy": {"revoked": "revoked", "suspended": "stays", "expired": "revoked"}}, True),
        ({"policy": {"suspended": "revoked"}}, False),
        ({"policy": {"expired": "forgotten"}}, False),
        ({"policy": {"lost": "stays"}}, False),
        ({"policy": "stays"}, False),
        ({"policy": None}, False),
        ({"members": ["a"]}, False),
        ({"title": ""}, False),
        ({"rule": {}}, False),
    ],
    ids=str,
)
def test_the_published_schema_of_a_stack_says_what_its_reader_says(changed: dict[str, object], good: bool) -> None:
    body = {**BODY, **changed}
    assert jsonschema_rs.validator_for(stack_schema("http://alder.test")).is_valid(body) is good
    try:
        rules.check_policy(msgspec.convert(body, NewStack).policy)
        read = True
    except (msgspec.ValidationError, Failure):
        read = False
    assert read is good


def test_the_policy_is_said_in_plain_words() -> None:
    policy = StackPolicy(revoked=Effect.REVOKED, suspended=Effect.SUSPENDED, expired=Effect.STAYS)
    assert policy_in_words(policy) == [
        (
            "If a micro-credential of this stack is revoked, the credential of the stack is revoked; when the stack is "
            "complete again, it is issued anew."
        ),
        "If one is suspended, the credential of the stack is suspended until the stack is complete again.",
        "If one runs out, the credential of the stack stays valid, and its holder is told.",
    ]
