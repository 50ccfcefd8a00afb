"""When a credential of another issuer is accepted, and what it counts as; and what a later look at it makes of it. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from credentials.errors import Fault, Unavailable
from credentials.pathways.model import OutsideCheck, OutsideRefused
from credentials.pathways.record import Known, Status
from credentials.verification.model import Kind, Name, Outcome, Report, Verdict

NOT_ABOUT = frozenset({"recipient-mismatch", "recipient-not-named"})
"""What decided where a credential is good and is not about the person who was meant, or does not say so."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def check_report(report: Report, recogniser: str) -> None:
    """Raises ``OutsideRefused`` with every check that did not pass: what is wrong, and what can be done about it;
    ``Unavailable`` where something could not be looked at, which is neither good nor bad."""
    faults = tuple(
        Fault(check.detail, check.pointer, check.code)
        for check in report.checks
        if check.outcome is not Outcome.PASSED and check.code
    )
    if report.code == "did-resolution":
        raise OutsideRefused(
            f"the keys of its issuer could not be looked up: {recogniser} does not recognise the issuer, or it does not answer"
            " just now. Ask the office whether the issuer is in its registry for licences",
            faults=faults,
        )
    if report.verdict is Verdict.INDETERMINATE:
        raise Unavailable(f"it could not be checked completely. {report.summary} Try again in a minute.", faults=faults)
    if report.code in NOT_ABOUT:
        raise OutsideRefused(
            "it is genuine, and it does not name you by an e-mail address that you confirmed here. Add the address that it"
            " was issued to, or ask your office to accept it for you",
            faults=faults,
        )
    if report.verdict is Verdict.ACCEPT_UNTRUSTED or _issuer_failed(report):
        raise OutsideRefused(
            f"{recogniser} does not accept this issuer for licences. {report.summary} The office can enter it in its registry",
            faults=faults,
        )
    if report.verdict is not Verdict.ACCEPT or report.issuer is None or report.credential is None:
        raise OutsideRefused(f"it does not hold. {report.summary}", faults=faults)
    if report.kind is not Kind.CREDENTIAL:
        raise OutsideRefused(
            "it is no single Open Badge of version 3: hand in each credential by itself", faults=faults
        )


def _issuer_failed(report: Report) -> bool:
    return any(check.name is Name.ISSUER and check.outcome is Outcome.FAILED for check in report.checks)


def item_of(report: Report) -> dict[str, Any]:
    """An accepted credential as an item of a record document.

    Only what the signature covers: ``type`` is the achievement's own (``MicroCredential`` is *micro_credential*; a badge that
    names none is a *badge*), ``ref`` the achievement's id, ``issuer`` whose key signed, ``tags`` those of the achievement.
    Nobody approved it in advance.
    """
    achievement = _achievement(report)
    kind = achievement.get("achievementType")
    earned = report.awarded or report.valid_from
    item: dict[str, Any] = {
        "type": _WORD.sub("_", kind.removeprefix("ext:")).lower() if isinstance(kind, str) and kind else "badge",
        "issuer": report.issuer.id if report.issuer else "",
        "preapproved": False,
    }
    if isinstance(achievement.get("id"), str) and achievement["id"]:
        item["ref"] = achievement["id"]
    if tags := _texts(achievement.get("tag")):
        item["tags"] = tags
    if earned is not None:
        item["earned"] = earned.date().isoformat()
    if report.valid_until is not None:
        item["expires_on"] = report.valid_until.date().isoformat()
    return item


def _achievement(report: Report) -> dict[str, Any]:
    subject = _first((report.credential or {}).get("credentialSubject"))
    return _first(subject.get("achievement"))


def _first(value: Any) -> dict[str, Any]:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return sorted({one for one in listed if isinstance(one, str) and one})


def status_of(verdict: str, code: str) -> Status:
    """What a credential counts as after a look at it. What could not be looked at waits, and is never taken as good."""
    if verdict == Verdict.ACCEPT:
        return Status.ACTIVE
    if verdict == Verdict.INDETERMINATE:
        return Status.PENDING
    if code == "credential-revoked":
        return Status.REVOKED
    return Status.EXPIRED if code == "credential-expired" else Status.SUSPENDED


def as_looked_at(checks: Sequence[OutsideCheck], as_of: date, known: Known) -> tuple[Status, date | None]:
    """The status on a day, and since when it is revoked. ``checks`` are those that found a change, oldest first.

    As known then, only what was found by that day counts. With hindsight a revocation always held, and anything else is as it
    was found last by that day.
    """
    revoked = next((check for check in checks if status_of(check.verdict, check.code) is Status.REVOKED), None)
    status = Status.ACTIVE
    for check in checks:
        if check.checked_at.date() <= as_of:
            status = status_of(check.verdict, check.code)
    revoked_on = revoked.checked_at.date() if revoked is not None else None
    if known is Known.NOW and revoked is not None:
        return Status.REVOKED, revoked_on
    return status, revoked_on
