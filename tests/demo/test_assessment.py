"""Who reads what in the demonstration, and how they see it: nobody reads what they may not, two agree about as well as trained
assessors do, and the one who has grown harsher stands out."""

from credentials.demo import assessment
from credentials.demo.content import load, plausible_levels
from credentials.demo.content.evidence import LEVELS
from credentials.demo.world import SPLITS, plans
from credentials.review import agreement
from credentials.review.model import Score

CONTENT = load()
PLANS = [plan for plan in plans(CONTENT) if plan.ending in {"earned", "again", "not_yet"}]
ATTEMPTS = {"earned": (0,), "again": (1, 0), "not_yet": (1,)}


def test_an_assessor_reads_one_attempt_of_an_educator_once_and_nobody_of_their_own_school() -> None:
    for plan in PLANS:
        read = [
            one
            for attempt in ATTEMPTS[plan.ending]
            for one in assessment.readers(CONTENT, plan.educator, plan.seed, attempt)
        ]
        assert len({one.key for one in read}) == len(read) == 3 * len(ATTEMPTS[plan.ending])
        assert plan.educator.school not in {one.home for one in read}


def test_two_assessors_agree_about_as_well_as_trained_ones_on_two_hundred_submissions() -> None:
    pairs: list[tuple[int, int]] = []
    twice = [(plan, attempt) for plan in PLANS for attempt in ATTEMPTS[plan.ending]]
    twice = [(plan, attempt) for plan, attempt in twice if assessment.is_read_twice(plan.micro_credential)]
    for plan, attempt in twice:
        slug = plan.micro_credential.slug
        levels = plausible_levels(plan.micro_credential, plan.seed, earned=attempt == 0)
        deserved = [Score(criterion=criterion, level=level) for criterion, level in levels.items()]
        first, second = (
            assessment.seen_by(CONTENT, slug, one, deserved, plan.seed)
            for one in assessment.readers(CONTENT, plan.educator, plan.seed, attempt)[:2]
        )
        second = assessment.apart(CONTENT, slug, second) if plan.split else second
        pairs += [
            (LEVELS.index(mine.level), LEVELS.index(theirs.level)) for mine, theirs in zip(first, second, strict=True)
        ]
    assert len(twice) >= 200
    exact = agreement.exact(pairs, range(4))
    quadratic = agreement.kappa(pairs, range(4), agreement.Weights.QUADRATIC)
    assert exact is not None
    assert quadratic is not None
    assert abs(exact - 0.80) < 0.05
    assert abs(quadratic - 0.75) < 0.05


def test_eight_submissions_are_planned_to_be_settled_by_a_third_assessor() -> None:
    assert sum(plan.split for plan in PLANS) == SPLITS == 8


def test_a_level_seen_otherwise_never_decides_unless_it_was_planned_and_carries_its_own_feedback() -> None:
    for plan in PLANS:
        slug = plan.micro_credential.slug
        levels = plausible_levels(plan.micro_credential, plan.seed, earned=True)
        deserved = [Score(criterion=criterion, level=level) for criterion, level in levels.items()]
        for one in assessment.readers(CONTENT, plan.educator, plan.seed, 0):
            for score in assessment.seen_by(CONTENT, slug, one, deserved, plan.seed):
                assert LEVELS.index(score.level) >= LEVELS.index("demonstrated")
                assert score.feedback == CONTENT.samples[slug].feedback[score.criterion][score.level]
