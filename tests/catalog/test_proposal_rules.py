"""When a committee has decided, from votes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.catalog.model import Choice, ProposalStage, WrongProposalStage
from credentials.catalog.rules import PROPOSAL_EDITABLE, PROPOSAL_MOVES, PROPOSAL_OPEN, agreed, move_proposal

YES, BACK, NO = Choice.APPROVE, Choice.RETURN, Choice.REFUSE


@pytest.mark.parametrize(
    ("votes", "members", "decided"),
    [
        ([], 3, None),
        ([YES], 3, None),
        ([YES, YES], 3, YES),
        ([NO, NO], 3, NO),
        ([YES, NO], 3, None),
        ([YES, NO, BACK], 3, BACK),
        ([YES, YES, NO, NO], 4, BACK),
        ([YES, YES, YES], 5, YES),
        ([YES, YES], 4, None),
    ],
)
def test_more_than_half_of_all_members_decide_and_a_committee_that_cannot_agree_returns_it(
    votes: list[Choice], members: int, decided: Choice | None
) -> None:
    assert agreed(votes, members) is decided


@given(st.lists(st.sampled_from(Choice), max_size=15), st.integers(min_value=3, max_value=15))
def test_nothing_is_approved_or_refused_by_a_minority_and_every_vote_ends(votes: list[Choice], members: int) -> None:
    votes = votes[:members]
    decided = agreed(votes, members)
    if decided in {YES, NO}:
        assert votes.count(decided) * 2 > members
    assert (decided is None) <= (len(votes) < members)
    assert agreed(votes[::-1], members) is decided


def test_what_is_decided_stays_decided_and_what_a_committee_reads_cannot_be_changed() -> None:
    for stage in ProposalStage:
        assert (stage in PROPOSAL_OPEN) == bool(PROPOSAL_MOVES[stage])
    assert ProposalStage.IN_REVIEW not in PROPOSAL_EDITABLE
    for ended in (ProposalStage.APPROVED, ProposalStage.REFUSED, ProposalStage.WITHDRAWN):
        with pytest.raises(WrongProposalStage):
            move_proposal(ended, ProposalStage.IN_REVIEW)
