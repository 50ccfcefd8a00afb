from credentials.awards.model import AwardState, WrongState

MOVES: dict[AwardState, tuple[AwardState, ...]] = {
    AwardState.ACTIVE: (AwardState.SUSPENDED, AwardState.REVOKED),
    AwardState.SUSPENDED: (AwardState.ACTIVE, AwardState.REVOKED),
    AwardState.REVOKED: (),
}
"""Suspension can be lifted; revocation is for good."""


def move(state: AwardState, to: AwardState) -> AwardState:
    if to not in MOVES[state]:
        raise WrongState(f"this award is {state.value} and cannot become {to.value}")
    return to
