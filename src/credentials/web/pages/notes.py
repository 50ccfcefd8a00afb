"""What the next page says about what was just done.

A note travels in a cookie as a word of this table, so that nobody can put a sentence of their own on our pages.
"""

from typing import NamedTuple

NOTE_COOKIE = "note"
NOTE_SECONDS = 30
"""How long a note waits for the page that shows it."""


class Note(NamedTuple):
    """``tone`` is a kind of alert of the design system."""

    text: str
    tone: str = "success"


NOTES: dict[str, Note] = {
    "batch-forgotten": Note("The batch and its results are forgotten."),
    "receipt-made": Note("The receipt is signed."),
    "signed-out": Note("You are signed out.", "info"),
    "reset-asked": Note(
        "If this address has an account, a link to set a new password is on its way. It works for one hour.", "info"
    ),
    "password-set": Note("Your new password is set. Sign in with it."),
    "password-changed": Note("Your password is changed. Wherever else you were signed in, you are signed out."),
    "welcome": Note("The invitation is accepted. Sign in to begin."),
    "address-verified": Note("The e-mail address is confirmed."),
    "address-added": Note("We have sent a link to this address. It counts once you have followed the link."),
    "address-removed": Note("The e-mail address is removed."),
    "address-primary": Note("Mail goes to this address from now on."),
    "account-changed": Note("Your changes are saved."),
    "token-revoked": Note("The API token is revoked: it opens nothing any more."),
    "started": Note("Your submission is begun. It is saved as you go; come back whenever you like."),
    "taken-up": Note("It is all here again. Change what the feedback is about, and say your statements anew."),
    "evidence-added": Note("Saved."),
    "evidence-removed": Note("Removed."),
    "attested": Note("Your statements are saved."),
    "practice-told": Note("Saved. Whom you named is asked by mail to confirm it; until then it cannot be handed in."),
    "practice-answered": Note("Your answer is saved, and the educator is told."),
    "names-listed": Note("The list is saved. Nobody but you sees it."),
    "handed-in": Note("Handed in. An assessor will look through it; you will get a mail when there is news."),
    "withdrawn": Note("The submission is withdrawn. Nobody will review it.", "info"),
    "claimed": Note("This submission is yours to review."),
    "complete": Note("Marked as complete. Now score each criterion."),
    "returned": Note("Returned to the educator with your note.", "info"),
    "scored": Note("The score is saved."),
    "decided": Note("Decided. The educator is told by mail."),
    "scores-in": Note("Your scores are in. Somebody else reads this submission too before it is decided."),
    "assigned": Note("Assigned."),
    "relationship-declared": Note("It is on record. Neither of you scores the other's work."),
    "relationship-ended": Note("From today on it does not count any more.", "info"),
    "meeting-recorded": Note("The meeting is on record: the educator can go on."),
    "comment-kept": Note("The comment is kept."),
    "comment-removed": Note("The comment is removed.", "info"),
    "moderation-opened": Note("The session is open. It stands on the desk of those who score."),
    "moderation-seated": Note("Asked to take part."),
    "moderation-closed": Note("Scoring is closed. All who take part see the spread."),
    "moderation-agreed": Note("The consensus is on record."),
    "moderation-cancelled": Note("The session is given up.", "info"),
    "moderation-scored": Note("Your scores are in. You see the spread when scoring is closed."),
    "apart-scored": Note("Your scores are in. Nothing is decided by them."),
    "common-task-drawn": Note("Drawn. The works stand on the desks of those who score them."),
    "common-task-closed": Note("The common task has ended. What is scored counts.", "info"),
    "anchor-made": Note("The anchor is made."),
    "anchor-retired": Note("The anchor is not used any more. What was judged by it stays.", "info"),
    "set-made": Note("The set is made. Assessors can take it."),
    "set-retired": Note("The set is not used any more. What was judged by it stays.", "info"),
    "voted": Note("Your vote is recorded."),
    "appealed": Note("Your appeal is filed. You will get a mail when it is decided."),
    "appeal-decided": Note("Decided. The educator is told by mail."),
    "released": Note("Given back to the queue.", "info"),
    "shared": Note("Your badge has a public page now. Whoever has its link sees it."),
    "unshared": Note("The public page is gone, and its link is dead for good.", "info"),
    "corrected": Note("The credential was issued anew. Download it again wherever you keep it."),
    "drafted": Note("The draft is begun. It may stay unfinished as long as you like."),
    "proposed": Note("Your proposal is begun. Only you see it until you hand it in."),
    "proposal-handed-in": Note("Handed in. A committee decides; you will get a mail."),
    "proposal-withdrawn": Note("The proposal is withdrawn.", "info"),
    "committee-named": Note("The committee is named. Its members are told by mail."),
    "draft-saved": Note("The draft is saved."),
    "in-review": Note("Handed to a colleague for publication."),
    "back-to-draft": Note("Returned to its author.", "info"),
    "published": Note("Published. Educators can start it from now on."),
    "retired": Note("Retired. What was begun goes on, and awards stay valid.", "info"),
    "stack-drafted": Note("The stack is begun. A colleague must publish it."),
    "stack-published": Note("The stack is published."),
    "invited": Note("The invitation is on its way. Its link works for 14 days."),
    "roster-taken": Note("The list is taken. Invitations are on their way."),
    "roster-entry-removed": Note("Taken off the roster.", "info"),
    "licence-applied": Note("Handed in. The office decides, and you will get a mail."),
    "licence-withdrawn": Note("Your application is taken back.", "info"),
    "licence-decided": Note("Decided. The educator is told by mail."),
    "licence-appealed": Note("Your appeal is filed. Somebody else than who refused decides it."),
    "licence-opened": Note("It is open for applications."),
    "exception-recorded": Note("It is on record. The verdict names it."),
    "role-ended": Note("The role has ended.", "info"),
    "organisation-changed": Note("The organisation's page is changed."),
    "organisation-founded": Note("The organisation is founded."),
    "recognition-entered": Note("The issuer is in the registry from now on."),
    "recognition-ended": Note("The line has ended. What began before stays recognised.", "info"),
    "registry-published": Note("The list is signed and published."),
    "registry-published-already": Note("The published list says this already.", "info"),
    "list-taken": Note("The list is taken into the registry."),
    "award-revoked": Note(
        "The award is revoked. Verifiers see it within a minute; the educator is told by mail.", "info"
    ),
    "award-suspended": Note(
        "The award is suspended. Verifiers see it within a minute; the educator is told by mail.", "info"
    ),
    "pay-claimed": Note("Claimed. The office decides, and you will get a mail."),
    "pay-planned": Note("Your plan is with the office. Earn it once it is approved."),
    "pay-approved": Note("Approved. What the rule gives stands in the ledger; the educator is told by mail."),
    "pay-refused": Note("Not approved. The educator is told by mail, with your reason.", "info"),
    "pay-plan-decided": Note("The plan is decided."),
    "pay-case-decided": Note("The case is closed."),
    "pay-calendar-set": Note("The pay periods are set."),
    "pay-exported": Note("The pay run is exported. Its files stay as they are."),
    "pay-drafted": Note("The draft is saved. Somebody else must record its approval."),
    "pay-rule-approved": Note("The approval is recorded."),
    "pay-rule-ended": Note("The last day is set."),
    "pay-placed": Note("Recorded."),
    "pay-released": Note("What the funds allow is released for payment."),
    "fact-recorded": Note("The fact is on record. The educator sees it, and verdicts follow within seconds."),
    "item-recorded": Note("It is on record. The educator sees it, and verdicts follow within seconds."),
    "outside-accepted": Note("It was verified and is accepted. It counts where a rule asks for what it is."),
    "goal-set": Note("The goal is set, and public."),
    "goal-ended": Note("The goal holds no longer.", "info"),
    "band-set": Note("Saved. The next count goes by it."),
    "count-asked": Note("Everybody is being counted. The figures stand here in a moment.", "info"),
    "record-withdrawn": Note("It is withdrawn, and stays on record with your reason.", "info"),
    "rule-drafted": Note("The draft is saved. Somebody else must record its approval."),
    "rule-approved": Note("The approval is recorded. From now on the version does not change."),
    "rule-dropped": Note("The draft is thrown away.", "info"),
    "rule-ended": Note("The last day is set. What was decided by it stays."),
    "award-reinstated": Note("The award is valid again. Verifiers see it within a minute."),
}


def note_of(word: str) -> Note | None:
    return NOTES.get(word)
