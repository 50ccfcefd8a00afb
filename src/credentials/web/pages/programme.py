"""A programme's settings in plain words, as applicants read them before they begin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from credentials.catalog.model import Combining, Programme, Settling, Specification
from credentials.web.pages.words import PART


class Told(NamedTuple):
    """A rule: its short name, what it says, and the days that it speaks of, by year."""

    name: str
    rule: str
    days: Mapping[int, Sequence[date]] = {}


def told(specification: Specification) -> tuple[Told, ...]:
    """What an applicant reads of how it is assessed."""
    return tuple(_told(specification))


def _told(specification: Specification) -> Iterator[Told]:
    programme = specification.programme
    yield Told(
        "Your name",
        (
            "Assessors do not see whose work it is. Texts, links and file names are looked through for your name and your "
            "school's before you hand in."
            if programme.is_blind
            else "Assessors see your name: this programme is not scored blind."
        ),
    )
    yield Told("Who scores it", _who(programme))
    if programme.calibration.required:
        yield Told(
            "How assessors are chosen",
            (
                f"Only those score it who found {programme.calibration.exact_share:.0%} of the right levels in works that "
                f"a scoring leader has scored, within {_days(programme.calibration.valid_days)}."
            ),
        )
    if programme.assessors == 2 or programme.double_score_share or programme.near_pass_band is not None:
        yield Told("If two assessors differ", _differ(programme))
    yield Told("When you are told", _when(programme), by_year(programme.holidays))
    if programme.coach_after:
        often = f"{programme.coach_after} attempts" if programme.coach_after > 1 else "an attempt"
        yield Told(
            "Before a further attempt", f"After {often} Not Yet Earned, a meeting with a coach is recorded first."
        )
    if specification.attempts != 1:
        yield Told(
            "A new attempt", "Somebody scores it who did not score an earlier one and does not see earlier scores."
        )
    for least in programme.part_minimums:
        yield Told(
            f"Part “{PART[least.part].text}”",
            f"Every criterion of this part must reach “{_level(specification, least.level)}”.",
        )
    if programme.practice_months or programme.prior_learning:
        yield Told("From when it is", _practice(programme))
    yield Told(
        "Shared work",
        (
            "The same file may be handed in by several who made it together."
            if programme.shared_artifacts
            else "What you hand in is yours alone: the same file from two people is looked into."
        ),
    )
    lets = f" It cannot let you off: {', '.join(programme.not_waivable)}." if programme.not_waivable else ""
    yield Told(
        "If you think that a decision is wrong",
        f"Appeal within {_days(programme.appeal_days)} after the day of the decision to somebody who did not score it.{lets}",
    )
    who = "of your school or your district" if programme.district_conflict else "of your school"
    earned = " Only those score it who have earned it themselves." if programme.assessors_earned else ""
    yield Told(
        "Conflicts of interest",
        (f"Nobody {who} scores it, nor your coach, your family or somebody you have worked with on it.{earned}"),
    )


def _level(specification: Specification, level_id: str) -> str:
    levels = [
        level for criterion in specification.rubric.criteria for level in criterion.levels if level.id == level_id
    ]
    return levels[0].name if levels else level_id


def _who(programme: Programme) -> str:
    if programme.assessors == 2:
        return "Two assessors, each without seeing what the other finds."
    more = []
    if programme.double_score_share:
        more.append(f"{programme.double_score_share:.0%} of submissions, drawn at random")
    if programme.near_pass_band is not None:
        more.append(f"those within {_points(programme.near_pass_band)} of passing")
    return f"One assessor; a second one also scores {' and '.join(more)}." if more else "One assessor."


def _practice(programme: Programme) -> str:
    lately = (
        f"The evidence shows practice of the last {_months(programme.practice_months)}."
        if programme.practice_months
        else "The evidence may show practice of any time."
    )
    if not programme.prior_learning:
        return lately
    oldest = f", at most {_months(programme.prior_months)} old," if programme.prior_months else ""
    return (
        f"{lately} Earlier practice{oldest} is taken as prior learning: you date it, a supervisor or another witness "
        "confirms it, and it is scored by the same rubric."
    )


def _months(count: int) -> str:
    if count % 12:
        return f"{count} months" if count > 1 else "month"
    return f"{count // 12} years" if count > 12 else "12 months"


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count} points"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _differ(programme: Programme) -> str:
    settled = (
        "a third assessor scores it, who sees neither score; for each criterion the middle one of the three levels counts"
        if programme.settling is Settling.THIRD
        else "a scoring leader, who sees neither score, scores it, and that score counts"
    )
    if programme.combining is Combining.POINTS:
        return (
            f"Their points are averaged for each criterion. If their mean points are more than {programme.points_bar:g} apart, "
            f"{settled}."
        )
    apart = "one level" if programme.levels_apart == 1 else f"{programme.levels_apart} levels"
    return f"On whether a criterion passes, or by more than {apart}: {settled}. Otherwise the lower of the two levels counts."


def _when(programme: Programme) -> str:
    days = "1 business day" if programme.days_to_decide == 1 else f"{programme.days_to_decide} business days"
    by_clock = f" A day begins and ends at the clocks of {clock(programme.utc_offset)}." if programme.utc_offset else ""
    holidays = " Holidays of the programme do not count:" if programme.holidays else ""
    return f"Within {days}, counted from the business day after you hand in.{by_clock}{holidays}"


def clock(offset: int) -> str:
    """``offset``: hours ahead of UTC."""
    return f"UTC{'+' if offset > 0 else '−'}{abs(offset)}"


def by_year(days: Iterable[date]) -> dict[int, list[date]]:
    """These days in order, each once."""
    found: dict[int, list[date]] = {}
    for one in sorted(set(days)):
        found.setdefault(one.year, []).append(one)
    return found
