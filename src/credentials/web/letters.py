"""What is written to people, in plain text: what happened, what it means, what to do, and nothing that is private."""

from typing import NamedTuple

from credentials.people.model import Purpose

SIGNATURE = "\n\nThis mail was sent by the micro-credential service. You need not answer it.\n"


class Letter(NamedTuple):
    subject: str
    text: str


def with_secret(base_url: str, kind: str, secret: str, organisation: str, role: str) -> Letter:
    """A letter with a link that works once: ``kind`` is the purpose of a ticket."""
    match Purpose(kind):
        case Purpose.INVITATION:
            what = role.replace("_", " ")
            return Letter(
                f"Invitation: {what} at {organisation}",
                f"{organisation} invites you to join its micro-credential service as {what}.\n\n"
                f"Accept the invitation here, within 14 days:\n{base_url}/invitations/{secret}\n\n"
                "If you did not expect this, you can ignore it." + SIGNATURE,
            )
        case Purpose.VERIFY_ADDRESS:
            return Letter(
                "Confirm your e-mail address",
                "Somebody, most likely you, added this address to an account.\n\n"
                f"Confirm it here, within two days:\n{base_url}/address-verifications/{secret}\n\n"
                "If it was not you, ignore this mail: nothing happens." + SIGNATURE,
            )
        case Purpose.RESET_PASSWORD:
            return Letter(
                "Set a new password",
                "Somebody, most likely you, asked to set a new password.\n\n"
                f"Set it here, within an hour:\n{base_url}/password/{secret}\n\n"
                "If it was not you, ignore this mail: your password stays as it is." + SIGNATURE,
            )


def submission_notice(base_url: str, kind: str, *, submission: str, title: str) -> Letter:
    at = f"{base_url}/submissions/{submission}"
    match kind:
        case "returned":
            return Letter(
                f"Something is missing: {title}",
                f"An assessor looked through your submission for “{title}” and found that something is missing. Nothing was "
                f"scored, and it does not count as an attempt.\n\nSee what is missing and hand in again:\n{at}"
                + SIGNATURE,
            )
        case "overdue":
            return Letter(
                f"Overdue: {title}",
                f"A submission for “{title}” was to be decided by now and is not. Its educator waits.\n\n"
                f"See who has it, and assign it:\n{base_url}/scoring" + SIGNATURE,
            )
        case "practice_asked":
            return Letter(
                f"Please attest earlier practice: {title}",
                f"An educator tells of earlier practice for “{title}” and names you as somebody who saw it.\n\n"
                f"Read it, and say whether it was so:\n{base_url}/attestations" + SIGNATURE,
            )
        case "practice_answered":
            return Letter(
                f"Your earlier practice: {title}",
                f"Whom you named for “{title}” has answered.\n\nRead it, and go on:\n{at}/prior-learning" + SIGNATURE,
            )
        case "earned":
            return Letter(
                f"Earned: {title}",
                f"You have earned “{title}”. Your signed badge is being made and will be under My credentials.\n\n"
                f"Read the feedback:\n{at}" + SIGNATURE,
            )
        case "held":
            return Letter(
                f"Held: {title}",
                f"Your submission for “{title}” is held. A question about whose work it is came up, and a panel looks into it. "
                f"Nothing is decided yet, and nothing is scored until the panel has voted.\n\n{at}" + SIGNATURE,
            )
        case "released":
            return Letter(
                f"Released: {title}",
                f"A panel has looked into your submission for “{title}” and cleared it. It waits for an assessor again.\n\n{at}"
                + SIGNATURE,
            )
        case "denied":
            return Letter(
                f"Denied: {title}",
                f"A panel has looked into your submission for “{title}” and denied it by a majority vote.\n\nRead why, and how "
                f"to appeal:\n{at}" + SIGNATURE,
            )
        case "appeal_upheld":
            return Letter(
                f"Your appeal was upheld: {title}",
                f"Your appeal about “{title}” was upheld.\n\nRead why, and what follows:\n{at}" + SIGNATURE,
            )
        case "appeal_dismissed":
            return Letter(
                f"Your appeal was dismissed: {title}",
                f"Your appeal about “{title}” was dismissed: the decision stands.\n\nRead why:\n{at}" + SIGNATURE,
            )
        case _:
            return Letter(
                f"Not Yet Earned: {title}",
                f"Your submission for “{title}” was scored, and it is not yet earned. The feedback says for each criterion "
                f"what to change; most educators submit more than once.\n\nRead the feedback and go on:\n{at}"
                + SIGNATURE,
            )


def seat_notice(base_url: str, *, moderation: str, title: str) -> Letter:
    """The session's own title is not in it: a leader wrote it for those who take part, and mail is read by others, too."""
    return Letter(
        f"Please score a work for a session: {title}",
        f"A scoring leader asks you to take part in a moderation session about “{title}”. You and others score the same work, "
        "each by yourself, and nobody sees your scores before scoring is closed. Nothing is decided by them: you will see how "
        "far you lie apart, and agree on what is right.\n\n"
        f"Read the work and score it, or say that you cannot take part:\n{base_url}/moderations/{moderation}"
        + SIGNATURE,
    )


def pay_notice(base_url: str, state: str, *, title: str, reason: str) -> Letter:
    """What is granted is not in it: mail is read by others, too."""
    words = {
        "approved": "was approved",
        "refused": "was not approved",
        "ended": "was ended, because the award was withdrawn",
    }
    because = f"\n\nReason: {reason}" if reason else ""
    return Letter(
        f"Your pay claim: {title}",
        f"Your pay claim for “{title}” {words[state]}.{because}\n\nSee what it comes to, and why:\n{base_url}/pay"
        + SIGNATURE,
    )


def proposal_notice(base_url: str, kind: str, *, proposal: str, title: str) -> Letter:
    at = f"{base_url}/proposals/{proposal}"
    match kind:
        case "named":
            return Letter(
                f"A proposal waits for your vote: {title}",
                f"You are on the committee that decides on the proposed micro-credential “{title}”.\n\nRead it and vote:\n{at}"
                + SIGNATURE,
            )
        case "approved":
            return Letter(
                f"Your proposal was approved: {title}",
                f"The committee has approved your micro-credential “{title}”. It is in the catalogue, and you are credited.\n\n"
                f"Read what the committee said:\n{at}" + SIGNATURE,
            )
        case "returned":
            return Letter(
                f"Your proposal came back: {title}",
                f"The committee has returned your micro-credential “{title}”. You can change it and hand it in again.\n\n"
                f"Read what should change:\n{at}" + SIGNATURE,
            )
        case _:
            return Letter(
                f"Your proposal was refused: {title}",
                f"The committee has refused your micro-credential “{title}”.\n\nRead why:\n{at}" + SIGNATURE,
            )


def licence_notice(base_url: str, kind: str, stage: str, *, application: str, title: str, reason: str) -> Letter:
    at = f"{base_url}/licence-applications/{application}"
    if kind == "licence_concern":
        return Letter(
            f"To look at: {title}",
            f"Something that a decision on “{title}” counted was withdrawn.\n\n{reason}\n\nThe licence stays until you decide "
            f"about it:\n{at}" + SIGNATURE,
        )
    if kind in {"licence_appeal_upheld", "licence_appeal_dismissed"}:
        upheld = kind == "licence_appeal_upheld"
        outcome = "was upheld: your application is open again" if upheld else "was dismissed: the decision stands"
        return Letter(
            f"Your appeal was {'upheld' if upheld else 'dismissed'}: {title}",
            f"Your appeal about “{title}” {outcome}.\n\nRead why:\n{at}" + SIGNATURE,
        )
    words = {
        "approved": "was approved. The signed licence is being made and will be under My credentials",
        "returned": "was returned: something is needed before it can be decided",
        "refused": "was refused. You can appeal",
    }
    because = f"\n\nReason: {reason}" if reason else ""
    return Letter(
        f"Your application: {title}",
        f"Your application for “{title}” {words.get(stage, 'was decided')}.{because}\n\nSee what counted, and why:\n{at}"
        + SIGNATURE,
    )


def award_notice(base_url: str, kind: str, *, award: str, title: str, reason: str) -> Letter:
    at = f"{base_url}/credentials/{award}"
    match kind:
        case "awarded":
            return Letter(
                f"Your badge is ready: {title}",
                f"Your credential “{title}” is signed and ready. You can download it, bake it into a picture, or share it; "
                f"until you share it, nobody else sees it.\n\n{at}" + SIGNATURE,
            )
        case "corrected":
            return Letter(
                f"Your badge was issued anew: {title}",
                f"Your credential “{title}” was issued anew. The earlier document is no longer valid: use the new one.\n\n"
                f"{at}" + SIGNATURE,
            )
        case "restored":
            return Letter(
                f"Your badge is valid again: {title}",
                f"Your appeal was upheld, and your credential “{title}” was issued anew. The document before it stays revoked: "
                f"use the new one.\n\n{at}" + SIGNATURE,
            )
        case "complete":
            return Letter(
                f"Your badge is valid again: {title}",
                f"Nothing that the stack “{title}” needs is missing any more, and its credential was issued anew. The document "
                f"before it stays revoked: use the new one.\n\n{at}" + SIGNATURE,
            )
        case "kept":
            return Letter(
                f"Your badge stays valid: {title}",
                f"What your credential “{title}” is made of has changed. The credential is as valid as before.\n\n"
                f"Reason: {reason}\n\n{at}" + SIGNATURE,
            )
        case "active":
            return Letter(
                f"Your badge is valid again: {title}",
                f"The suspension of your credential “{title}” has ended.\n\nReason: {reason}\n\n{at}" + SIGNATURE,
            )
        case _:
            return Letter(
                f"Your badge was {kind}: {title}",
                f"Your credential “{title}” was {kind}.\n\nReason: {reason}\n\nIf you think that this is wrong, appeal, or "
                f"write to the organisation that issued it.\n\n{at}" + SIGNATURE,
            )
