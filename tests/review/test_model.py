"""Random assessors, submissions, leases, refusals, reports, panels and appeals against a model of what must never happen, on
both databases.

Nothing is lost, decided twice, read by somebody with a conflict of interest, or decided without the readings that its
programme demands; and what a panel or an appeal changes is what it said, said by people who may. What is demanded is worked
out here a second time, from the scores as they were given.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from builders import CHEAP, TestClock, a_specification
from conftest import NOW
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from scene import Founded, a_world, copy_of

from credentials.catalog.model import Programme, Settling
from credentials.errors import Conflict, Failure, Forbidden, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.fetch import fetch_nothing
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Role
from credentials.review import rules, store, store_queue
from credentials.review import service as review
from credentials.review.model import ConflictKind, Review, ReviewKind, ReviewStage, Score
from credentials.settings import Environment, Settings
from credentials.web.parts import open_parts

TEACHERS = ("teacher", "colleague", "outsider")
ASSESSORS = ("assessor", "second", "third", "insider")
LAST = {"fresh0": "demonstrated", "fresh1": "developing", "fresh2": "demonstrated", "leader": "extending"}
"""What those find who are asked at the end: they differ, so that splits come about."""
FRESH = ("fresh0", "fresh1", "fresh2")
"""Who takes no part until the end, when all that is left must be decided."""
PANEL = ("panel0", "panel1", "panel2")
"""Who votes in integrity cases and decides appeals, and scores nothing."""
CRITERIA = ("specificity", "uptake", "reflection")
LEVELS = ("developing", "demonstrated", "extending")
RANK = {"developing": 1, "demonstrated": 2, "extending": 3}
PASSING = 2
PROGRAMMES = (
    Programme(lease_hours=24, shared_artifacts=True),
    Programme(assessors=2, lease_hours=24, shared_artifacts=True),
    Programme(
        near_pass_band=0, double_score_share=0.3, settling=Settling.LEADER, lease_hours=48, shared_artifacts=True
    ),
)

MOST = 8
"""Submissions in one story: enough to be confused, few enough to look at after every step."""

who = st.sampled_from(ASSESSORS)
place = st.integers(0, 1_000)
levels = st.fixed_dictionaries({name: st.sampled_from(LEVELS) for name in CRITERIA})


class Known(NamedTuple):
    teacher: str
    programme: int


class Told(NamedTuple):
    """A case as the model tells it: what it is about, and who voted for and against."""

    submission: str
    held: set[str]
    votes: dict[str, bool]


class Assessment(RuleBasedStateMachine):
    opened: ClassVar[Callable[[], tuple[str, Founded, Path]]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.known: dict[str, Known] = {}
        self.related: set[tuple[str, str]] = set()
        self.given: dict[str, Mapping[str, str]] = {}
        self.claimed_despite: list[str] = []
        self.decided: dict[str, str] = {}
        self.cases: dict[str, Told] = {}
        self.denied: set[str] = set()
        self.revoking: set[str] = set()
        self.appeals: dict[str, str] = {}
        self.upheld: set[str] = set()
        source = type(self).opened()  # not within the loop: it may have to found the world first
        self.run(self._open(*source))

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _open(self, url: str, founded: Founded, folder: Path) -> None:
        options = Settings(
            environment=Environment.DEVELOPMENT, data_dir=folder / "data", keys_dir=folder / "keys", database_url=url
        )
        self.clock = TestClock(NOW)
        self.context = open_parts(
            options, now=self.clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        )
        self.parts = await self.context.__aenter__()
        self.world = a_world(founded, self.parts, self.clock)
        await self.world.join("outsider", "wren-school", Role.EDUCATOR)
        for name in ("insider", *FRESH):
            await self.world.join(name, "alder", Role.ASSESSOR)
        for name in PANEL:
            await self.world.join(name, "alder", Role.ADMINISTRATOR)
        heron = self.world.organisations["heron-school"].id
        insider = self.world.people["insider"].id
        await self.world.do(
            people.grant_role,
            await self.world.act("admin"),
            person_id=insider,
            organisation_id=heron,
            role=Role.EDUCATOR,
        )
        self.entries = [
            await self.world.publish(a_specification(programme=programme), f"programme-{number}")
            for number, programme in enumerate(PROGRAMMES)
        ]

    def teardown(self) -> None:
        try:
            self.run(self._everything_left_can_be_decided())
            self.nothing_is_lost_or_decided_without_what_its_programme_demands()
        finally:
            self.run(self.context.__aexit__(None, None, None))
            self.runner.close()

    # What people do

    @rule(teacher=st.sampled_from(TEACHERS), programme=st.integers(0, len(PROGRAMMES) - 1))
    def hand_in(self, teacher: str, programme: int) -> None:
        try:
            made = self.run(self.world.submission(self.entries[programme], teacher))
        except Conflict:
            return  # one is open, or it is earned
        self.known[made.id] = Known(teacher, programme)

    @rule()
    def everybody_hands_in_everything(self) -> None:
        for teacher in TEACHERS:
            for programme in range(len(PROGRAMMES)):
                if len(self.known) < MOST:
                    self.hand_in(teacher, programme)

    @rule(assessor=who, at=place)
    def claim(self, assessor: str, at: int) -> None:
        if self.known:
            self.run(self._claim(assessor, sorted(self.known)[at % len(self.known)]))

    @rule(one=who, two=who, at=place)
    def race(self, one: str, two: str, at: int) -> None:
        if not self.known:
            return
        submission = sorted(self.known)[at % len(self.known)]

        async def both() -> None:
            await asyncio.gather(self._claim(one, submission), self._claim(two, submission))

        self.run(both())

    async def _claim(self, assessor: str, submission: str) -> None:
        held = {one.id for one in await self.world.see(review.open_reviews, self.world.people[assessor].id)}
        try:
            claimed = await review.claim(self.parts.database, await self.world.act(assessor), submission)
        except (Conflict, Forbidden, NotFound):
            return
        if claimed.id not in held:
            self._check_taken(assessor, claimed)

    @rule(assessor=who)
    def claim_next(self, assessor: str) -> None:
        self.run(self._claim_next(assessor))

    async def _claim_next(self, assessor: str) -> Review | None:
        try:
            taken = await review.claim_next(self.parts.database, await self.world.act(assessor))
        except NotFound:
            return None
        self._check_taken(assessor, taken)
        return taken

    @rule(at=place)
    def assign(self, at: int) -> None:
        if not self.known:
            return
        submission = sorted(self.known)[at % len(self.known)]

        async def work() -> None:
            try:
                given = await review.assign(self.parts.database, await self.world.act("leader"), submission)
            except Failure:
                return
            name = next(one for one, person in self.world.people.items() if person.id == given.assessor_id)
            self._check_taken(name, given)

        self.run(work())

    @rule(order=st.permutations(ASSESSORS))
    def everybody_takes_the_next(self, order: list[str]) -> None:
        for assessor in order:
            self.run(self._claim_next(assessor))

    @rule(assessor=who, found=levels)
    def take_and_score(self, assessor: str, found: dict[str, str]) -> None:
        """The most usual thing: so usual that readings come together."""

        async def work() -> None:
            taken = await self._claim_next(assessor)
            if taken:
                await self._score(assessor, taken, found)

        self.run(work())

    def _check_taken(self, assessor: str, taken: Review) -> None:
        """The model's own idea of a conflict: nobody near takes it, at the moment when it is taken."""
        known = self.known[taken.submission_id]
        same_school = assessor == "insider" and known.teacher in {"teacher", "colleague"}
        if same_school or (assessor, known.teacher) in self.related:
            self.claimed_despite.append(f"{assessor} took work of {known.teacher}")

    @rule(assessor=who, at=place, found=levels)
    def score(self, assessor: str, at: int, found: dict[str, str]) -> None:
        self.run(self._with_open(assessor, at, lambda held: self._score(assessor, held, found)))

    async def _with_open(self, assessor: str, at: int, work: Callable[[Review], Any]) -> None:
        mine = await self.world.see(review.open_reviews, self.world.people[assessor].id)
        if mine:
            await work(mine[at % len(mine)])

    async def _score(self, assessor: str, held: Review, found: Mapping[str, str]) -> None:
        world = self.world
        if held.stage is ReviewStage.CLAIMED:
            await world.do(review.confirm_complete, await world.act(assessor), held.id)
        for criterion, level in found.items():
            given = Score(criterion=criterion, level=level, feedback="What to change.")
            await world.do(review.score, await world.act(assessor), held.id, given)
        await world.do(review.finish, await world.act(assessor), held.id)
        self.given[held.id] = dict(found)

    @rule(assessor=who, at=place)
    def release(self, assessor: str, at: int) -> None:
        async def work(held: Review) -> None:
            await self.world.do(review.release, await self.world.act(assessor), held.id)

        self.run(self._with_open(assessor, at, work))

    @rule(assessor=who, at=place)
    def return_incomplete(self, assessor: str, at: int) -> None:
        async def work(held: Review) -> None:
            act = await self.world.act(assessor)
            await self.world.do(review.return_incomplete, act, held.id, note="Something is missing.")

        self.run(self._with_open(assessor, at, work))

    @rule(at=place)
    def hand_in_again(self, at: int) -> None:
        if self.known:
            submission = sorted(self.known)[at % len(self.known)]
            self.run(self._hand_in_again(submission))

    async def _hand_in_again(self, submission: str) -> None:
        found = await self.world.see(evidence.submission, submission)
        act = await self.world.act(self.known[submission].teacher)
        if found.stage is not Stage.INCOMPLETE:
            with pytest.raises(Conflict):
                await self.world.do(review.hand_in, act, submission)
        else:
            again = await self.world.do(review.hand_in, act, submission)
            for told in self.cases.values():
                if told.submission == submission and not self._is_closed(told):
                    assert again.stage is Stage.HELD, "it was reported, so it is held when it comes back"
                    told.held.add(submission)

    @rule(assessor=who, teacher=st.sampled_from(TEACHERS))
    def declare(self, assessor: str, teacher: str) -> None:
        if len(self.related) < 2:
            address = self.world.addresses[teacher]
            kind = ConflictKind.FAMILY
            act = self.run(self.world.act(assessor))
            self.run(self.world.do(review.declare_conflict, act, other_address=address, kind=kind))
            self.related.add((assessor, teacher))

    # What a panel and an appeal change

    @rule(by=st.sampled_from((*ASSESSORS, "panel0", "leader")), at=place)
    def report(self, by: str, at: int) -> None:
        if self.known:
            self.run(self._report(by, sorted(self.known)[at % len(self.known)]))

    async def _report(self, by: str, submission: str) -> None:
        before = await self.world.see(evidence.submission, submission)
        try:
            case = await self.world.do(review.report, await self.world.act(by), submission, reason="Found elsewhere.")
        except (Conflict, NotFound):
            return
        held = before.stage in {Stage.SUBMITTED, Stage.IN_REVIEW}
        self.cases[case.id] = Told(submission, {submission} if held else set(), {})

    @rule(by=st.sampled_from((*PANEL, "leader")), at=place, against=st.booleans())
    def vote(self, by: str, at: int, against: bool) -> None:
        if self.cases:
            self.run(self._vote(by, sorted(self.cases)[at % len(self.cases)], against=against))

    async def _vote(self, by: str, case: str, *, against: bool) -> None:
        told = self.cases[case]
        before = await self.world.see(evidence.submission, told.submission)
        try:
            seen = await review.vote(
                self.parts.database,
                await self.world.act(by),
                case,
                against=[told.submission] if against else [],
                reason="So it seems to me.",
            )
        except Failure:
            return
        assert by not in told.votes, "nobody votes twice"
        assert not self._is_closed(told), "nobody votes when it is decided"
        told.votes[by] = against
        assert (seen.case.closed_at is not None) is self._is_closed(told)
        if self._is_closed(told) and sum(told.votes.values()) > 1:
            if before.stage in {Stage.HELD, Stage.INCOMPLETE}:
                self.denied.add(told.submission)
            elif before.stage is Stage.EARNED:
                self.revoking.add(told.submission)

    def _is_closed(self, told: Told) -> bool:
        """Of three, two decide."""
        against = sum(told.votes.values())
        return max(against, len(told.votes) - against) > 1

    @rule(at=place)
    def appeal(self, at: int) -> None:
        if self.known:
            self.run(self._appeal(sorted(self.known)[at % len(self.known)]))

    async def _appeal(self, submission: str) -> None:
        before = await self.world.see(evidence.submission, submission)
        act = await self.world.act(self.known[submission].teacher)
        try:
            made = await self.world.do(review.file_appeal, act, submission, statement="I showed it.")
        except Conflict:
            return
        assert before.stage in {Stage.NOT_YET_EARNED, Stage.DENIED}
        self.appeals[made.id] = submission

    @rule(by=st.sampled_from((*PANEL, "leader", "assessor")), at=place, upheld=st.booleans())
    def decide_appeal(self, by: str, at: int, upheld: bool) -> None:
        if self.appeals:
            self.run(self._decide_appeal(by, sorted(self.appeals)[at % len(self.appeals)], upheld=upheld))

    async def _decide_appeal(self, by: str, appeal: str, *, upheld: bool) -> None:
        submission = self.appeals[appeal]
        before = await self.world.see(evidence.submission, submission)
        lifted = [Score(criterion=name, level="demonstrated", feedback="It is there.") for name in CRITERIA]
        try:
            await review.decide_appeal(
                self.parts.database,
                await self.world.act(by),
                appeal,
                upheld=upheld,
                reason="I looked at it again.",
                scores=lifted if upheld and before.stage is Stage.NOT_YET_EARNED else (),
            )
        except Failure:
            return
        assert appeal not in self.upheld, "an appeal is decided once"
        assert by != "assessor", "an assessor decides no appeal"
        readings = await self.world.see(store.readings, submission)
        assert self.world.people[by].id not in {one.review.assessor_id for one in readings}
        assert not any(by in told.votes for told in self.cases.values() if told.submission == submission)
        del self.appeals[appeal]
        if upheld:
            self.upheld.add(submission)
            self.denied.discard(submission)

    @rule(at=place, against=st.booleans())
    def a_panel_looks_into(self, at: int, against: bool) -> None:
        """All of it at once: so usual that what comes after it comes about."""

        async def work() -> None:
            await self._report("assessor", sorted(self.known)[at % len(self.known)])
            for case, told in list(self.cases.items()):
                for name in PANEL if not self._is_closed(told) else ():
                    await self._vote(name, case, against=against)

        if self.known:
            self.run(work())

    @rule(by=st.sampled_from(("admin", "admin", *PANEL)))
    def whoever_may_appeals_and_is_heard(self, by: str) -> None:
        async def work() -> None:
            for submission in sorted(self.known):
                await self._appeal(submission)
            for appeal in sorted(self.appeals)[:2]:
                await self._decide_appeal(by, appeal, upheld=True)

        self.run(work())

    @rule(hours=st.sampled_from((1, 25, 60)))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours=hours)
        self.run(review.expire_leases(self.parts.database, self.clock(), self.parts.ids))

    # What must never happen

    @invariant()
    def nothing_is_lost_or_decided_without_what_its_programme_demands(self) -> None:
        self.run(self._check())

    async def _check(self) -> None:
        assert self.claimed_despite == []
        async with self.parts.database.read() as session:
            submissions = await evidence.submissions_by_id(session, self.known)
            live = await store.open_by_submission(session, self.known)
            decisions = await store.decisions_by_submission(session, self.known)
            orders = await outbox.waiting_of_kind(session, review.ISSUE_ORDER)
            revoking = await outbox.waiting_of_kind(session, review.REVOKE_ORDER)
            seeds = {entry.version.id: await store_queue.seed_of(session, entry.version.id) for entry in self.entries}
        assert submissions.keys() == self.known.keys()
        for found in submissions.values():
            reviews = live.get(found.id, [])
            kinds = [one.kind for one in reviews]
            assert len(set(kinds)) == len(kinds)
            assert len({one.assessor_id for one in reviews}) == len(reviews)
            is_decided = found.stage in {Stage.EARNED, Stage.NOT_YET_EARNED}
            assert is_decided is (found.id in decisions)
            if found.stage is Stage.SUBMITTED:
                assert found.wants is Wanted.FIRST
                assert reviews == []
            elif found.stage is Stage.IN_REVIEW:
                assert found.wants is not Wanted.NOTHING or any(one.is_open for one in reviews), "nobody would read it"
            else:
                assert found.wants is Wanted.NOTHING
            self._check_holds(found, reviews)
            if is_decided:
                drawn = self._is_drawn(found.id, found.version_id, seeds)
                self._check_demands(found.id, reviews, drawn=drawn)
                outcome = decisions[found.id].outcome.value
                if found.id in self.upheld and outcome == Stage.EARNED:
                    self.decided[found.id] = outcome
                assert self.decided.setdefault(found.id, outcome) == outcome == found.stage.value
        earned = sorted(one.id for one in submissions.values() if one.stage is Stage.EARNED)
        assert sorted(order.payload["submission"] for order in orders) == earned
        ordered = {order.payload["submission"] for order in revoking}
        assert ordered == self.revoking
        of = {(self.known[one].teacher, self.known[one].programme) for one in earned}
        assert len(of) == len(earned), "nothing is earned twice"

    def _check_holds(self, found: Submission, reviews: list[Review]) -> None:
        """It is held exactly while a case that held it is open; and what was denied was found against by a panel."""
        about = [told for told in self.cases.values() if told.submission == found.id]
        is_open = any(told.held and not self._is_closed(told) for told in about)
        assert (found.stage is Stage.HELD) is is_open
        assert (found.stage is Stage.DENIED) is (found.id in self.denied)
        if found.stage in {Stage.HELD, Stage.DENIED, Stage.WITHDRAWN}:
            assert not any(one.is_open for one in reviews), "nobody reads what is held"
        if found.stage is Stage.WITHDRAWN:
            mine = self.known[found.id]
            assert any(self.known[other] == mine for other in self.upheld), "only an upheld appeal ends another attempt"

    def _is_drawn(self, submission: str, version: str, seeds: Mapping[str, str | None]) -> bool:
        seed = seeds[version]
        share = PROGRAMMES[self.known[submission].programme].double_score_share
        return seed is not None and rules.is_drawn(seed, rules.DOUBLE, submission, share)

    def _check_demands(self, submission: str, reviews: list[Review], *, drawn: bool) -> None:
        """The demands once more, written another way than in ``rules``."""
        programme = PROGRAMMES[self.known[submission].programme]
        done = {one.kind: self.given[one.id] for one in reviews if one.stage is ReviewStage.DECIDED}
        first = done[ReviewKind.FIRST]
        near = programme.near_pass_band is not None and sum(RANK[level] for level in first.values()) == PASSING * 3
        if programme.assessors == 1 and not drawn and not near and ReviewKind.SECOND not in done:
            assert done.keys() == {ReviewKind.FIRST}
            return
        second = done[ReviewKind.SECOND]
        ranks = [(RANK[first[name]], RANK[second[name]]) for name in CRITERIA]
        split = any((a < PASSING) != (b < PASSING) or abs(a - b) > 1 for a, b in ranks)
        last = ReviewKind.LEADER if programme.settling is Settling.LEADER else ReviewKind.ADJUDICATION
        assert (last in done) is split

    async def _everything_left_can_be_decided(self) -> None:
        """People who took no part finish whatever is left, so nothing had come to a dead end."""
        world = self.world
        self.clock.advance(hours=100)
        await review.expire_leases(self.parts.database, self.clock(), self.parts.ids)
        for case, told in list(self.cases.items()):
            for name in (*PANEL, "admin") if not self._is_closed(told) else ():
                await self._vote(name, case, against=False)
            assert self._is_closed(told), "a panel can decide"
        for submission in self.known:
            await self._hand_in_again(submission)
            for name in (*FRESH, "leader"):
                found = await world.see(evidence.submission, submission)
                if found.stage not in {Stage.SUBMITTED, Stage.IN_REVIEW}:
                    break
                try:
                    taken = await review.claim(self.parts.database, await world.act(name), submission)
                except (Conflict, Forbidden):
                    continue
                await self._score(name, taken, dict.fromkeys(CRITERIA, LAST[name]))
            found = await world.see(evidence.submission, submission)
            ended = {Stage.EARNED, Stage.NOT_YET_EARNED, Stage.DENIED, Stage.WITHDRAWN}
            assert found.stage in ended, f"{submission} is stuck: {found}"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("examples", "steps"), [(8, 50), pytest.param(60, 60, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_no_order_of_events_loses_a_submission_or_decides_it_without_its_readings(
    database: str, examples: int, steps: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def opened() -> tuple[str, Founded, Path]:
        return (*copy_of(request, database, tmp_path), tmp_path)

    machine = type("Machine", (Assessment,), {"opened": staticmethod(opened)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=examples <= 10,
            suppress_health_check=list(HealthCheck),
        ),
    )
