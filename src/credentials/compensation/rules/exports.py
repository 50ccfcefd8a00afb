"""The files of a pay run."""

import csv
import io

import msgspec

from credentials.compensation.model.runs import PayRun
from credentials.spreadsheets import neutral

CSV_COLUMNS = (
    "period", "pays_on", "employee_number", "name", "rule", "rule_version", "kind", "for_period", "amount", "currency",
    "title", "educator_id", "award_id", "claim_id",
)  # fmt: skip


def run_csv(run: PayRun) -> bytes:
    """The run as CSV (RFC 4180): text in quotes and neutral, numbers bare, amounts in dollars with two places."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for line in run.lines:
        writer.writerow(
            (
                run.period, run.pays_on.isoformat(), neutral(line.employee_number), neutral(line.name), neutral(line.rule),
                line.rule_version, line.kind.value, line.for_period, _Amount(line.amount_cents), run.currency,
                neutral(line.title), line.educator_id, line.award_id, line.claim_id,
            )
        )  # fmt: skip
    return out.getvalue().encode()


class _Amount(int):
    """Cents, which the CSV writer puts down bare, as it does every number, in dollars."""

    def __str__(self) -> str:
        return f"{'-' if self < 0 else ''}{abs(int(self)) // 100}.{abs(int(self)) % 100:02d}"

    __repr__ = __str__


def run_json(run: PayRun) -> bytes:
    return msgspec.json.encode(run, order="deterministic")
