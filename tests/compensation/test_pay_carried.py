"""What is released of carried amounts."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from credentials.compensation.rules.carried import Waiting, release


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 500)), max_size=12),
    st.integers(0, 2_000),
    st.one_of(st.none(), st.integers(0, 800)),
)
def test_released_amounts_exceed_neither_the_funds_nor_a_cap_nor_what_waits(
    waiting: list[tuple[str, int]], funds: int, cap: int | None
) -> None:
    queue = [Waiting(claim_id=str(n), educator_id=who, cents=cents) for n, (who, cents) in enumerate(waiting)]
    released = release(queue, funds, cap, {"A": 100})
    assert sum(amount for _, amount in released) <= funds
    assert all(0 < amount <= one.cents for one, amount in released)
    given_ = Counter({"A": 100})
    for one, amount in released:
        given_[one.educator_id] += amount
    if cap is not None:
        assert all(amount <= max(cap, 100 if who == "A" else 0) for who, amount in given_.items())
