"""What the code of a refusal means: the page behind the ``type`` of every problem document."""

from typing import NamedTuple

from credentials.verification.sentences import SENTENCES


class Meaning(NamedTuple):
    """``advice``: what whoever meets it can do."""

    title: str
    meaning: str
    advice: str


MEANINGS: dict[str, Meaning] = {
    "malformed": Meaning(
        "The request cannot be read",
        "What was sent does not have the form that this address takes.",
        "Each fault is named with its place. Mend them and send it again.",
    ),
    "form-refused": Meaning(
        "A form is not filled in right yet",
        "One or more fields are empty, too long, or hold something that they cannot take.",
        "Each field says what is wrong with it. What you typed is still there.",
    ),
    "too-large": Meaning(
        "Too large",
        "A file or request is over the size that this address takes.",
        "Send a smaller one: shorten a recording, or save a document or picture at a lower quality.",
    ),
    "unauthenticated": Meaning(
        "Sign in first",
        "This address needs to know who you are. A sign-in ends after two weeks, or after a day without use.",
        "Sign in and try again. A program sends an API token, which its owner makes on the account page.",
    ),
    "wrong-email-or-password": Meaning(
        "The e-mail address or the password is not right",
        "The answer is the same whichever of the two it is, so that nobody can find out who has an account.",
        "Try again, or ask for a link to set a new password. Only confirmed addresses can be used to sign in.",
    ),
    "too-many-sign-ins": Meaning(
        "Too many wrong passwords",
        "After some wrong passwords in a row an account has to wait, longer each time; after a hundred it stays shut.",
        "Wait as long as the message says, or ask for a link to set a new password: that opens the account at once.",
    ),
    "weak-password": Meaning(
        "A password that somebody would guess",
        "Passwords have at least 15 characters and are not among those that are tried first.",
        "Use four or five words that do not belong together. Capitals and digits are not needed.",
    ),
    "link-not-valid": Meaning(
        "The link does not work any more",
        "Links in mails work once, and only for a time: invitations for 14 days, confirmations for two days, new passwords "
        "for an hour.",
        "Ask for a new one.",
    ),
    "address-taken": Meaning(
        "The address belongs to an account",
        "An e-mail address can belong to one account only.",
        "If it is your own other account, sign in there. If it is nobody you know, write to an administrator.",
    ),
    "slug-taken": Meaning(
        "The short name is in use",
        "Short names stand in addresses, so each is used once.",
        "Choose another one.",
    ),
    "forbidden": Meaning(
        "Not yours to do",
        "You are known, and what you asked for is for somebody else to do.",
        "The message says who can do it.",
    ),
    "role-needed": Meaning(
        "A role is missing",
        "What people may do follows from the roles that they hold in an organisation.",
        "Ask an administrator of the organisation for the role.",
    ),
    "scope-needed": Meaning(
        "The API token does not allow this",
        "A token is good for the scopes that it was made with, and never for more than its owner may do.",
        "Make a token that has the scope.",
    ),
    "conflict-of-interest": Meaning(
        "Somebody else must score this",
        "Nobody scores their own work, that of people near to them, or a second attempt of what they scored. The attempt is "
        "recorded.",
        "Take the next submission in the queue.",
    ),
    "not-found": Meaning(
        "There is nothing here",
        "There is no such thing, or not one that you may know of. The two answers look alike on purpose.",
        "Check the address. If the thing is yours, check that you are signed in with the right account.",
    ),
    "method-not-allowed": Meaning(
        "This address does not take this method",
        "The address exists, and is used in another way.",
        "Look the address up in the API description.",
    ),
    "unsupported-media-type": Meaning(
        "This kind of file is not taken",
        "Only kinds of files are taken that can be checked and shown safely.",
        "Send one of the kinds that are named beside the field, or in the API description.",
    ),
    "media-type-mismatch": Meaning(
        "The file is not what its name says",
        "The content of the file is of another kind than the ending of its name.",
        "Send the real file, or give it its right ending.",
    ),
    "active-content": Meaning(
        "The file can act when it is opened",
        "Documents with scripts, macros or embedded programs are not taken, whoever made them.",
        "Print or export the document to a new PDF and send that.",
    ),
    "svg-active-content": Meaning(
        "The drawing can act when it is opened",
        "Drawings with scripts or links are not taken.",
        "Save it as a PNG or a PDF.",
    ),
    "archive-bomb": Meaning(
        "The document unpacks to far more than it is",
        "Such files are made to fill up machines.",
        "Save the document again from the program that you wrote it in.",
    ),
    "archive-invalid": Meaning(
        "The document is damaged",
        "It has parts that do not belong into it, or ends where it should not.",
        "Save the document again from the program that you wrote it in.",
    ),
    "image-malformed": Meaning(
        "The picture is damaged",
        "It cannot be opened as a picture.",
        "Save it again, or take it again.",
    ),
    "image-too-large": Meaning(
        "The picture is too large",
        "It has more than 50 megapixels.",
        "Save it smaller.",
    ),
    "conflict": Meaning(
        "It is not in a state that allows this",
        "What you asked for was possible once or will be, but not now.",
        "The message says what stands in the way. Look at the thing again.",
    ),
    "stale": Meaning(
        "It was changed meanwhile",
        "Somebody, perhaps you in another window, changed this after you read it. Nothing was overwritten.",
        "Look at it again and repeat your change.",
    ),
    "precondition-required": Meaning(
        "Say which state you change",
        "A program that changes this must send the ETag of what it read, in If-Match, so that nobody's work is overwritten.",
        "Read it, and send its ETag along with the change.",
    ),
    "wrong-stage": Meaning(
        "Not at this stage",
        "Submissions, reviews and versions go through stages in a fixed order.",
        "Look at it again: it says what can be done now.",
    ),
    "wrong-state": Meaning(
        "Not in this state",
        "A suspended award can be reinstated or revoked; a revoked one stays revoked.",
        "Look at the award again.",
    ),
    "not-open": Meaning(
        "This cannot be started",
        "The version takes no new submissions, it is earned already, or the attempts that the programme allows are used up.",
        "Look in the catalogue for the current version.",
    ),
    "coach-meeting-needed": Meaning(
        "A meeting with a coach comes first",
        "After so many attempts this programme asks for a meeting with a coach before the next one.",
        "Meet your coach; your district or the programme records it, and then you can go on.",
    ),
    "attempt-open": Meaning(
        "You have begun this already",
        "You can have one open submission for each micro-credential.",
        "Go on with the one that is open; it is under My work.",
    ),
    "nothing-to-take-up": Meaning(
        "There is nothing to take up",
        "What you handed in before is here already, or the micro-credential asks for something else now.",
        "Add your evidence to each part yourself.",
    ),
    "not-ready": Meaning(
        "Something is missing from the submission",
        "Everything that the micro-credential asks for must be there before it can be handed in.",
        "The list says what is missing.",
    ),
    "already-claimed": Meaning(
        "Another assessor has it",
        "Each submission is read by the one who claimed it first.",
        "Take the next one in the queue.",
    ),
    "not-qualified": Meaning(
        "Qualify first",
        "This programme is scored by assessors who have passed its qualification set within its time.",
        "Open “My calibration” and take a set.",
    ),
    "queue-locked": Meaning(
        "Your queue is closed for now",
        "Too many of the last checks with known scores were judged otherwise.",
        "Open “My calibration” and pass the set that was issued to you.",
    ),
    "attempt-ended": Meaning(
        "This attempt is over",
        "An attempt at a qualification set is judged once.",
        "Take another set, if you have to.",
    ),
    "already-voted": Meaning(
        "You have voted",
        "Everybody on a panel votes once in a case, and a vote is not changed.",
        "Look at the case again: it says how many have voted.",
    ),
    "case-closed": Meaning(
        "This case is decided",
        "More than half of the panel have voted, and what follows from it is under way.",
        "Look at the case again. Whoever it concerns can appeal.",
    ),
    "appeal-late": Meaning(
        "The days to appeal are over",
        "A programme says within how many days a decision can be appealed. After that an appeal needs a good cause.",
        "Say what kept you. Whoever decides the appeal says whether it is a good cause.",
    ),
    "not-appealable": Meaning(
        "There is nothing to appeal",
        "Not Yet Earned, a denial and a revocation can be appealed.",
        "Look at the submission again: it says what stands.",
    ),
    "outside-not-verified": Meaning(
        "A credential of another issuer was not verified",
        "A licence is decided by what credentials of other issuers are worth at that moment. One of them was not looked at, or"
        " could not be: its issuer or its status list did not answer. That is neither good nor bad.",
        "Try again in a minute. If it lasts, return the application and ask the educator for something else.",
    ),
    "not-waivable": Meaning(
        "An appeal cannot let you off this",
        "Each programme names what holds for everybody, such as an examination.",
        "Appeal without it.",
    ),
    "not-scored": Meaning(
        "The scoring is not finished",
        "Every criterion needs a level, and every level below passing needs feedback for the educator.",
        "The list says which are open.",
    ),
    "publication-refused": Meaning(
        "This cannot be published yet",
        "A micro-credential has one competency, a key method with research, evidence in at least two modes, and a rubric for "
        "every part.",
        "Each gate that fails is named with its place.",
    ),
    "version-frozen": Meaning(
        "This version does not change any more",
        "What was handed to review or published is what awards point at.",
        "Begin a new version.",
    ),
    "draft-exists": Meaning(
        "A version is being written already",
        "One version of a micro-credential is written at a time.",
        "Go on with that one.",
    ),
    "stack-refused": Meaning(
        "This stack cannot be made",
        "A stack has a title, a description, and at least two different micro-credentials that are published.",
        "The message says what is missing.",
    ),
    "document-refused": Meaning(
        "This rule or record cannot be read",
        "Rules and records are documents with a published schema; a member that is not known is refused, not passed over.",
        "The place of the first mistake is named. Mend it and send the document again.",
    ),
    "pathway-refused": Meaning(
        "This cannot be kept in a pathway",
        "Versions of a rule never overlap, are approved before they take effect, and what is recorded has its evidence.",
        "The message says what to change.",
    ),
    "pathway-version-approved": Meaning(
        "An approved rule does not change",
        "People were told what is asked of them, and were judged by it.",
        "Begin a new version; the open one before it ends when the new one begins.",
    ),
    "own-rule": Meaning(
        "Somebody else must approve this rule",
        "Whoever wrote a rule does not approve it.",
        "Ask another officer or an administrator of the organisation.",
    ),
    "withdrawn": Meaning(
        "It was withdrawn already",
        "A fact or item on record is withdrawn once, with a reason, and stays readable.",
        "Record it anew if it holds after all.",
    ),
    "figures-refused": Meaning(
        "This goal or count cannot be kept",
        "A goal says what is counted, from which baseline and by how much. Only the organisation above all publishes.",
        "The message says what to change.",
    ),
    "figures-too-soon": Meaning(
        "Figures were published a short while ago",
        "What changes from one day to the next would tell of single people, so there are four weeks between two counts.",
        "Publish again from the day on that the message names.",
    ),
    "pay-terms-refused": Meaning(
        "This pay rule cannot be carried out",
        "Its terms are a document with members that belong to its kind, and it never begins or ends backwards.",
        "Each mistake is named with its place in the document. Mend them and save the draft again.",
    ),
    "pay-approval-refused": Meaning(
        "This approval cannot be recorded",
        "A pay rule needs the board’s record, that of bargaining or the reason why there is none, and a first day to come.",
        "The message says what is missing.",
    ),
    "pay-claim-refused": Meaning(
        "This pay claim is not possible",
        "The award is not in force, its credential does not hold, or the rule bars the claim. The codes say which.",
        "Read the reasons: some can be mended, such as a position that the office has not recorded.",
    ),
    "pay-already-decided": Meaning(
        "This is decided already",
        "A claim, a plan, a case or the approval of a pay rule is decided once.",
        "Look at it again: somebody else was quicker.",
    ),
    "pay-calendar-refused": Meaning(
        "These pay periods cannot be set",
        "The periods of a school year follow each other without a gap, and a day is in one of them.",
        "Each mistake is named with its place.",
    ),
    "idempotency-key-reused": Meaning(
        "The key was used for another request",
        "An Idempotency-Key belongs to one request and its repetitions.",
        "Send another key.",
    ),
    "too-many-requests": Meaning(
        "Too many requests",
        "This network address asked for the same thing more often than one machine is served.",
        "Wait as long as the answer says (Retry-After) and try again.",
    ),
    "unavailable": Meaning(
        "Not available just now",
        "Something that the service needs does not answer. It is our fault, and it passes.",
        "Try again in a few seconds. Nothing was changed.",
    ),
    "no-free-status-index": Meaning(
        "No place in the status list",
        "A status list is full and the next one could not be begun.",
        "Try again. If it stays so, tell the operator.",
    ),
    "status-list-not-published": Meaning(
        "The status list is not published yet",
        "A new list is published within a minute.",
        "Try again in a minute.",
    ),
    "lint-failed": Meaning(
        "It would not have been a good credential",
        "Every credential is checked before it is signed. This one did not pass, and nothing was signed.",
        "Tell the operator what the message says.",
    ),
    "seal-refused": Meaning(
        "What was signed did not verify",
        "Every credential is verified before it is handed out. This one did not pass, and was thrown away.",
        "Tell the operator what the message says.",
    ),
    "key-store-unreadable": Meaning(
        "The signing keys cannot be reached",
        "The place where the organisation's keys are kept does not answer.",
        "Try again later. The operator has been told in the log.",
    ),
    "recognition-refused": Meaning(
        "This cannot be taken into the registry",
        "A line of a registry, or a list of them, is not of the form that is needed, or its signer may not name issuers here. "
        "Nothing of it was taken.",
        "Mend what the message names, line by line, and send it again.",
    ),
    "outside-credential-refused": Meaning(
        "This credential does not count here",
        "A credential of another issuer counts once it was verified, its issuer is accepted for licences, and it names you by "
        "an address that you confirmed. One of these does not hold.",
        "The checks that it did not pass are named. Ask its issuer, or the office whose registry names the issuers.",
    ),
    "handed-in-already": Meaning(
        "It is on record already",
        "This very credential was handed in before.",
        "Look at the record: it is verified again whenever somebody is judged by it.",
    ),
    "licence-refused": Meaning(
        "Something about this licence or application is to be mended",
        "A title, a term, a reason or the time of a renewal is not as it can be.",
        "The message says which, and what to do.",
    ),
    "rule-not-met": Meaning(
        "The rule is not met, so it cannot be approved",
        "An office approves what its rule carries, and nothing else: the same answer that the educator sees.",
        "Record a waiver or an override with its reason first, or refuse the application with the reasons that the rule gives.",
    ),
    "own-application": Meaning(
        "Somebody else must decide this",
        "Nobody decides their own application, and nobody an appeal against their own decision.",
        "Ask a colleague of your office.",
    ),
    "csv-invalid": Meaning(
        "The table cannot be read",
        "A table is text in UTF-8 with a row of column names and a line for each row, every cell as its column asks for. "
        "Nothing of it was taken.",
        "Mend what the message names, line by line, save it as “CSV UTF-8” and send it again.",
    ),
    "issuer-mismatch": Meaning(
        "The credential names another issuer",
        "An instance signs in its own name only, and the credential that was sent says that somebody else issues it.",
        "Put the instance's own issuer into the credential, or leave it out.",
    ),
    "revocation-is-final": Meaning(
        "A revocation cannot be taken back",
        "Whoever has seen the credential as revoked must be able to rely on that.",
        "Issue a new credential. What may be lifted again is a suspension.",
    ),
    "list-outdated": Meaning(
        "A newer edition was taken already",
        "The registry has lines of this list from a later day.",
        "Get the current edition from whoever signs the list.",
    ),
    "too-many-batches": Meaning(
        "Your batches are still being verified",
        "A few batches of one person may wait at a time.",
        "Wait until one is finished, and send the next one then.",
    ),
    "too-busy": Meaning(
        "Too many pictures are being looked through",
        "Pictures are decoded a few at a time, each in a process of its own, and many are waiting.",
        "Try again in a moment. Nothing of the picture is kept.",
    ),
    "no-typesetter": Meaning(
        "Receipts are not printed here",
        "This service was installed without the part that sets PDFs.",
        "Keep the signed receipt, which says the same, or ask the operator to install the extra “pdf”.",
    ),
    "key-gone": Meaning(
        "The key signs no more",
        "The key was retired while it was being used.",
        "Try again: the next signature uses the new key.",
    ),
    "unreachable": Meaning(
        "Another machine does not answer",
        "Something that is kept elsewhere could not be looked up.",
        "Try again later.",
    ),
    "internal": Meaning(
        "Something went wrong on our side",
        "It is a mistake in the program, not in what you did. Nothing was changed.",
        "Tell the operator the number of the request; the log has what happened.",
    ),
}


def meaning_of(code: str) -> Meaning | None:
    """Also of what a verification finds, which the VC-API answers as a problem."""
    if code in MEANINGS or code not in SENTENCES:
        return MEANINGS.get(code)
    return Meaning(
        "What was found in a credential",
        SENTENCES[code],
        "The answer names the place in the document. Whoever issues the credential mends it there; whoever was given it "
        "asks the issuer.",
    )
