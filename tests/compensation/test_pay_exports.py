"""The files of a pay run."""

import csv
import io
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.compensation.model.runs import PayLine, PayLineKind, PayRun
from credentials.compensation.rules.exports import run_csv
from credentials.spreadsheets import neutral


def a_line(**changed: object) -> PayLine:
    whole = PayLine(
        educator_id="p", employee_number="0042", name="Ada", rule="rule", rule_version=1, kind=PayLineKind.STIPEND,
        title="Practice", award_id="a", claim_id="c", for_period="2023-24/04", amount_cents=12_345,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


def a_run(*lines: PayLine) -> PayRun:
    day = date(2023, 10, 31)
    return PayRun(
        organisation="District", period="2023-24/04", starts_on=day, ends_on=day, pays_on=day, lines=lines,
        total_cents=sum(line.amount_cents for line in lines),
    )  # fmt: skip


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x")')


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_person_begins_a_formula_in_the_csv(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(run_csv(a_run(a_line(name=text, title=text))).decode(), newline=""))
    assert row["name"].startswith("'")
    assert row["title"].startswith("'")


@given(st.text(max_size=40))
def test_a_cell_of_text_is_one_line_and_begins_no_formula(text: str) -> None:
    cell = neutral(text)
    assert len(cell.splitlines()) <= 1
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_amounts_are_bare_numbers_and_texts_are_in_quotes() -> None:
    line = run_csv(a_run(a_line(amount_cents=5))).decode().splitlines()[1]
    assert '"0042","Ada","rule",1,"stipend","2023-24/04",0.05,"USD"' in line
