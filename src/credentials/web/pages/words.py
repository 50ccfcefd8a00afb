"""What states, roles and kinds are called on pages. ``tone`` is how the word is coloured; the word alone says it all."""

from enum import StrEnum
from typing import NamedTuple

from credentials.awards.model import AwardState
from credentials.catalog.model import AiUse, Choice, Mode, PartKind, ProposalStage
from credentials.catalog.model import Stage as VersionStage
from credentials.compensation.model.cases import CaseOutcome, CaseState
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.model.plans import RequestState
from credentials.compensation.model.rules import PayKind, Standing
from credentials.evidence.model import AiDeclaration, Attested, Capacity, Stage, Wanted
from credentials.figures.model import Band, Measure
from credentials.licensing.model import AppealStage as LicenceAppeal
from credentials.licensing.model import ApplicationKind, LicenceKind
from credentials.licensing.model import Stage as ApplicationStage
from credentials.pathways.model import Effect, ExceptionKind, HoldingKind, Phase
from credentials.pathways.verdict import State
from credentials.pathways.verdict import Verdict as PathwayVerdict
from credentials.people.model import Listed, OrganisationKind, Role, Scope
from credentials.recognition.model import Scheme
from credentials.review.model import (
    Against,
    AnchorUse,
    AppealStage,
    Basis,
    ConflictKind,
    Finding,
    ModerationStage,
    ReviewKind,
    ReviewStage,
)
from credentials.review.model import Verdict as PanelVerdict
from credentials.trust.model import Use
from credentials.verification.model import Name, Outcome, Verdict


class Word(NamedTuple):
    text: str
    tone: str = "plain"
    icon: str = ""
    detail: str = ""


SUBMISSION: dict[Stage, Word] = {
    Stage.DRAFT: Word("Draft", "plain", "edit", "Only you can see it. Hand it in when it is ready."),
    Stage.SUBMITTED: Word(
        "Waiting for an assessor", "calm", "hourglass_empty", "It is handed in and cannot be changed meanwhile."
    ),
    Stage.INCOMPLETE: Word(
        "Something is missing",
        "warn",
        "undo",
        "It came back to you unscored. Add what is missing and hand it in again.",
    ),
    Stage.IN_REVIEW: Word("With an assessor", "calm", "visibility", "An assessor is reading it."),
    Stage.NOT_YET_EARNED: Word(
        "Not Yet Earned",
        "warn",
        "autorenew",
        "The feedback says for each criterion what to change. Most educators try twice.",
    ),
    Stage.EARNED: Word("Earned", "good", "check_circle", "Every criterion is shown."),
    Stage.HELD: Word(
        "Held",
        "warn",
        "hourglass_empty",
        "An integrity case is open. A panel looks into it, and nothing is scored until it has decided.",
    ),
    Stage.SPECIMEN: Word("Specimen", "plain", "", "Work that scorers are compared on."),
    Stage.DENIED: Word("Denied", "bad", "remove_circle", "A panel upheld an integrity case. You can appeal."),
    Stage.WITHDRAWN: Word("Withdrawn", "plain", "do_not_disturb", "You took it back. Nobody will review it."),
}

BASIS: dict[Basis, Word] = {
    Basis.SINGLE: Word("One assessor", detail="One assessor scored it."),
    Basis.AGREED: Word(
        "Two assessors",
        detail="Two assessors scored it apart and agreed; where they differ by a level, the lower one counts.",
    ),
    Basis.AVERAGED: Word(
        "Two assessors, averaged", detail="Two assessors scored it apart, and their points were averaged."
    ),
    Basis.MIDDLE_OF_THREE: Word(
        "Three assessors",
        detail="Two assessors differed, so a third one scored it too; the middle one of three levels counts.",
    ),
    Basis.APPEAL: Word("Appeal", detail="An appeal was upheld, and whoever decided it changed the decision."),
    Basis.LEADER: Word(
        "Scoring leader", detail="Two assessors differed, so a scoring leader scored it; that score counts."
    ),
}

READING: dict[ReviewKind, Word] = {
    ReviewKind.FIRST: Word("First reading"),
    ReviewKind.SECOND: Word("Second reading"),
    ReviewKind.ADJUDICATION: Word("Third reading"),
    ReviewKind.LEADER: Word("Leader's score"),
    ReviewKind.BACK_READ: Word("Back-reading"),
    ReviewKind.VALIDITY: Word("Validity paper"),
    ReviewKind.ANCHOR: Word("Anchor"),
    ReviewKind.MODERATION: Word("Moderation"),
    ReviewKind.COMMON_TASK: Word("Common task"),
}

SITTING: dict[ReviewStage, Word] = {
    ReviewStage.CLAIMED: Word("Scores", "calm", "edit"),
    ReviewStage.SCORING: Word("Scores", "calm", "edit"),
    ReviewStage.DECIDED: Word("Has scored", "good", "check_circle"),
    ReviewStage.RETURNED: Word("Takes no part", "plain", "do_not_disturb"),
    ReviewStage.RELEASED: Word("Takes no part", "plain", "do_not_disturb"),
    ReviewStage.EXPIRED: Word("Takes no part", "plain", "do_not_disturb"),
    ReviewStage.VOID: Word("Takes no part", "plain", "do_not_disturb"),
}
"""How far somebody is in a moderation session."""

MODERATION: dict[ModerationStage, Word] = {
    ModerationStage.SCORING: Word("Being scored", "calm", "edit", "Each one scores apart. Nobody sees any scores yet."),
    ModerationStage.DISCUSSING: Word(
        "Being discussed", "warn", "visibility", "Scoring is closed. All who take part see the spread."
    ),
    ModerationStage.AGREED: Word("Agreed", "good", "check_circle", "The consensus is on record."),
    ModerationStage.CANCELLED: Word("Given up", "plain", "do_not_disturb"),
}

ANCHOR_USE: dict[AnchorUse, Word] = {
    AnchorUse.SHOWN: Word("Example", detail="Assessors read it beside the work, with its levels and reasons."),
    AnchorUse.QUALIFICATION: Word("For qualification", detail="It becomes a part of qualification sets."),
    AnchorUse.VALIDITY: Word("Hidden check", detail="It is dealt to assessors as if it were live work."),
}

WANTED: dict[Wanted, Word] = {
    Wanted.NOTHING: Word("Is being read", "calm", "visibility"),
    Wanted.FIRST: Word("Waits for an assessor", "calm", "hourglass_empty"),
    Wanted.SECOND: Word("Waits for a second assessor", "calm", "hourglass_empty"),
    Wanted.ADJUDICATION: Word("Split: waits for a third assessor", "warn", "warning"),
    Wanted.LEADER: Word("Split: waits for a scoring leader", "warn", "warning"),
}

CONFLICT: dict[ConflictKind, Word] = {
    ConflictKind.COACH: Word("One of us coaches the other"),
    ConflictKind.FAMILY: Word("We are family, or close to it"),
    ConflictKind.CO_AUTHOR: Word("We have made evidence together"),
    ConflictKind.RECIPROCAL: Word("We would score each other"),
    ConflictKind.TUTOR: Word("One of us is paid by the other to prepare for it"),
    ConflictKind.OTHER: Word("Another reason"),
}

VERSION: dict[VersionStage, Word] = {
    VersionStage.DRAFT: Word("Draft", "plain", "edit", "Its developers can change it."),
    VersionStage.IN_REVIEW: Word("In review", "calm", "visibility", "A colleague who did not write it can publish it."),
    VersionStage.PUBLISHED: Word(
        "Published", "good", "check_circle", "Educators can start it. It does not change any more."
    ),
    VersionStage.RETIRED: Word("Retired", "warn", "history", "Nobody can start it any more. Awards on it stay valid."),
}

CAPACITY: dict[Capacity, Word] = {
    Capacity.SUPERVISOR: Word("Supervisor"),
    Capacity.WITNESS: Word("Witness"),
}

ATTESTED: dict[Attested, Word] = {
    Attested.ASKED: Word("Waits for an answer", "calm", "hourglass_empty"),
    Attested.CONFIRMED: Word("Confirmed", "good", "check_circle"),
    Attested.DECLINED: Word("Could not be confirmed", "warn", "undo"),
}

PROPOSAL: dict[ProposalStage, Word] = {
    ProposalStage.DRAFT: Word("Draft", "plain", "edit", "Only its author sees it."),
    ProposalStage.IN_REVIEW: Word("Before a committee", "calm", "hourglass_empty", "It cannot be changed meanwhile."),
    ProposalStage.RETURNED: Word("Returned", "warn", "undo", "Its author can change it and hand it in again."),
    ProposalStage.APPROVED: Word("Approved", "good", "check_circle", "It is in the catalogue."),
    ProposalStage.REFUSED: Word("Refused", "bad", "remove_circle", "It does not become part of the catalogue."),
    ProposalStage.WITHDRAWN: Word("Withdrawn", "plain", "do_not_disturb", "Its author took it back."),
}

CHOICE: dict[Choice, Word] = {
    Choice.APPROVE: Word("Approve", "good", "check_circle"),
    Choice.RETURN: Word("Return", "warn", "undo"),
    Choice.REFUSE: Word("Refuse", "bad", "remove_circle"),
}

AWARD: dict[AwardState, Word] = {
    AwardState.ACTIVE: Word("Active", "good", "check_circle", "The award is in force."),
    AwardState.SUSPENDED: Word("Suspended", "warn", "hourglass_empty", "The award does not count for now."),
    AwardState.REVOKED: Word("Revoked", "bad", "remove_circle", "The award was taken back for good."),
}
EXPIRED = Word("Expired", "warn", "event", "The award has run out.")

VERDICT: dict[Verdict, Word] = {
    Verdict.ACCEPT: Word("Genuine and in force", "good", "verified"),
    Verdict.ACCEPT_UNTRUSTED: Word("Intact, but the issuer is not known here", "calm", "help_outline"),
    Verdict.REJECT: Word("Do not accept", "bad", "remove_circle"),
    Verdict.INDETERMINATE: Word("Could not be checked completely", "warn", "warning"),
}

OUTCOME: dict[Outcome, Word] = {
    Outcome.PASSED: Word("Holds", "good", "check"),
    Outcome.FAILED: Word("Does not hold", "bad", "close"),
    Outcome.UNKNOWN: Word("Not known", "warn", "help_outline"),
}

CHECK: dict[Name, Word] = {
    Name.FORMAT: Word("The file"),
    Name.CONTEXT: Word("Its vocabulary"),
    Name.MODEL: Word("Its form"),
    Name.PROOF: Word("The signature"),
    Name.ISSUER: Word("The issuer"),
    Name.RESOURCES: Word("What it refers to"),
    Name.TIME: Word("The dates"),
    Name.STATUS: Word("Revocation"),
    Name.RECIPIENT: Word("The holder"),
    Name.ENDORSEMENTS: Word("Endorsements"),
    Name.SCHEMA: Word("The published schema"),
    Name.HOLDER: Word("Who shows it"),
    Name.MEMBERS: Word("What is in it"),
    Name.REFRESH: Word("A newer edition"),
}

LEFT_ALONE = frozenset({Name.RESOURCES, Name.SCHEMA})
"""What is not looked up on purpose, and changes nothing of the verdict."""


def outcome_of(name: Name, outcome: Outcome) -> Word:
    """What came of a check."""
    if outcome is Outcome.UNKNOWN and name in LEFT_ALONE:
        return Word("Not checked", "calm", "help_outline")
    return OUTCOME[outcome]


ROLE: dict[Role, Word] = {
    Role.EDUCATOR: Word("Educator", detail="hands in evidence and holds credentials"),
    Role.ASSESSOR: Word("Assessor", detail="scores what educators hand in"),
    Role.SCORING_LEADER: Word("Scoring leader", detail="looks after scoring and awards"),
    Role.CATALOGUE_DEVELOPER: Word("Catalogue developer", detail="writes micro-credentials and stacks"),
    Role.DISTRICT_OFFICER: Word("District officer", detail="sees to a district's programme"),
    Role.LICENSING_OFFICER: Word("Licensing officer", detail="decides on licences"),
    Role.PAYROLL_CLERK: Word("Payroll clerk", detail="pays what awards are worth"),
    Role.ADMINISTRATOR: Word("Administrator", detail="invites people and gives them roles"),
}

LICENCE_KIND: dict[LicenceKind, Word] = {
    LicenceKind.LICENSE: Word("Licence"),
    LicenceKind.CERTIFICATION: Word("Endorsement"),
}

APPLICATION_KIND: dict[ApplicationKind, Word] = {
    ApplicationKind.FIRST: Word("First application"),
    ApplicationKind.RENEWAL: Word("Renewal"),
}

APPLICATION: dict[ApplicationStage, Word] = {
    ApplicationStage.SUBMITTED: Word("Waits for the office", "calm", "schedule"),
    ApplicationStage.RETURNED: Word("Returned", "warn", "info"),
    ApplicationStage.APPROVED: Word("Approved", "good", "check_circle"),
    ApplicationStage.REFUSED: Word("Refused", "bad", "remove_circle"),
    ApplicationStage.WITHDRAWN: Word("Taken back", "plain"),
}

LICENCE_APPEAL: dict[LicenceAppeal, Word] = {
    LicenceAppeal.FILED: Word("Waits for a decision", "calm", "schedule"),
    LicenceAppeal.UPHELD: Word("Upheld", "good", "check_circle"),
    LicenceAppeal.DISMISSED: Word("Dismissed", "bad", "remove_circle"),
}

EXCEPTION: dict[ExceptionKind, Word] = {
    ExceptionKind.WAIVER: Word("Waiver"),
    ExceptionKind.OVERRIDE: Word("Override"),
}

ROSTER: dict[Listed, Word] = {
    Listed.HERE: Word("Here", "good", "check_circle"),
    Listed.INVITED: Word("Invited", "info", "info"),
    Listed.NOT_INVITED: Word("Not invited, or the invitation ran out", "plain"),
}

KIND: dict[OrganisationKind, Word] = {
    OrganisationKind.STATE_AGENCY: Word("State agency"),
    OrganisationKind.DISTRICT: Word("District"),
    OrganisationKind.SCHOOL: Word("School"),
    OrganisationKind.PROVIDER: Word("Provider"),
}

PART: dict[PartKind, Word] = {
    PartKind.OVERVIEW: Word("Overview", detail="Who you teach, and what you set out to do."),
    PartKind.WORK_EXAMPLES: Word("Work examples", detail="What you did, as it was: plans, student work, recordings."),
    PartKind.REFLECTION: Word("Reflection", detail="What happened, and what you would change."),
}

MODE: dict[Mode, Word] = {
    Mode.TEXT: Word("text", icon="text_fields"),
    Mode.DOCUMENT: Word("document", icon="file_present"),
    Mode.IMAGE: Word("picture", icon="image"),
    Mode.AUDIO: Word("sound recording", icon="file_present"),
    Mode.VIDEO: Word("video", icon="file_present"),
    Mode.LINK: Word("link", icon="link"),
}

AI_POLICY: dict[AiUse, Word] = {
    AiUse.ALLOWED: Word("Allowed", detail="You may use generative AI in this work."),
    AiUse.DISCLOSED: Word("Allowed if you say so", detail="You may use generative AI if you say what it did."),
    AiUse.FORBIDDEN: Word("Not allowed", detail="This programme does not take work made with generative AI."),
}

AI_DECLARED: dict[AiDeclaration, Word] = {
    AiDeclaration.NONE: Word("I did not use generative AI"),
    AiDeclaration.USED: Word("I used generative AI"),
}

SCOPE: dict[Scope, Word] = {
    Scope.PEOPLE_READ: Word("Read people and roles"),
    Scope.PEOPLE_WRITE: Word("Change people and roles"),
    Scope.CATALOG_READ: Word("Read drafts of the catalogue"),
    Scope.CATALOG_WRITE: Word("Write and publish the catalogue"),
    Scope.EVIDENCE_READ: Word("Read my submissions"),
    Scope.EVIDENCE_WRITE: Word("Change and hand in my submissions"),
    Scope.REVIEW_READ: Word("Read what I review"),
    Scope.REVIEW_WRITE: Word("Score what I review"),
    Scope.AWARDS_READ: Word("Read awards"),
    Scope.AWARDS_WRITE: Word("Share, correct, suspend and revoke awards"),
    Scope.PATHWAYS_READ: Word("Read stacks and my progress"),
    Scope.PATHWAYS_WRITE: Word("Write and publish stacks"),
    Scope.PAY_READ: Word("Read pay rules, claims and pay runs"),
    Scope.PAY_WRITE: Word("Claim, decide on pay, export pay runs"),
    Scope.CREDENTIALS_ISSUE: Word("Have credentials signed in an organisation's name"),
    Scope.AUDIT_READ: Word("Read the record of decisions"),
    Scope.TRUST_READ: Word("Read registries of recognised issuers"),
    Scope.TRUST_WRITE: Word("Change registries of recognised issuers"),
    Scope.VERIFICATION: Word("Verify many credentials at once"),
}

USE: dict[Use, Word] = {
    Use.LICENCE: Word("Licences", detail="counts towards a licence or its renewal"),
    Use.PAY: Word("Pay", detail="counts towards salary credit or a stipend"),
    Use.DISPLAY: Word("Display", detail="may be shown as recognised"),
    Use.LIST: Word("Naming issuers", detail="its signed lists of issuers may be taken into this registry"),
}

PAY_KIND: dict[PayKind, Word] = {
    PayKind.BASE_BUILDING: Word("Raises base pay", detail="more pay every year, for good"),
    PayKind.STIPEND: Word("Stipend", detail="paid once"),
    PayKind.POINTS_TO_LANE: Word("Points towards a lane", detail="each award counts so many credits"),
    PayKind.HOURS_TO_CREDITS: Word("Hours to credits", detail="each award counts hours, which become credits"),
}

STANDING: dict[Standing, Word] = {
    Standing.DRAFT: Word("Draft", "plain", "edit", "Only the office can see it."),
    Standing.APPROVED: Word("Approved", "calm", "event", "It begins on a later day."),
    Standing.IN_FORCE: Word("In force", "good", "check_circle", "It applies today."),
    Standing.SUPERSEDED: Word("Superseded", "plain", "history", "A later version is in force."),
    Standing.SUNSET: Word("Ended", "warn", "history", "It reached its last day."),
}

CLAIM: dict[ClaimState, Word] = {
    ClaimState.SUBMITTED: Word("Waiting for the office", "calm", "hourglass_empty"),
    ClaimState.APPROVED: Word("Approved", "good", "check_circle"),
    ClaimState.REFUSED: Word("Not approved", "warn", "do_not_disturb"),
    ClaimState.ENDED: Word("Ended", "warn", "remove_circle"),
}

PLAN: dict[RequestState, Word] = {
    RequestState.REQUESTED: Word("Waiting for the office", "calm", "hourglass_empty"),
    RequestState.APPROVED: Word("Approved", "good", "check_circle"),
    RequestState.REFUSED: Word("Not approved", "warn", "do_not_disturb"),
}

PAY_CASE: dict[CaseState, Word] = {
    CaseState.OPEN: Word("To be decided", "warn", "warning"),
    CaseState.CLOSED: Word("Closed", "plain", "check"),
}

CASE_OUTCOME: dict[CaseOutcome, Word] = {
    CaseOutcome.KEEP: Word("Keep", detail="Everything stays as it was granted."),
    CaseOutcome.END: Word("End", detail="What is not paid yet falls away. What is paid stays paid."),
    CaseOutcome.RECOVER: Word("End and ask back", detail="What is paid is recorded as owed back, too."),
    CaseOutcome.REINSTATED: Word("The award is in force again"),
    CaseOutcome.SUPERSEDED: Word("A newer case says how it stands"),
}

ACTION: dict[str, str] = {
    "award.issued": "The credential was issued",
    "award.shared": "Its owner made it public",
    "award.unshared": "Its owner took the public page away",
    "award.suspended": "Suspended",
    "award.active": "Reinstated",
    "award.revoked": "Revoked",
    "award.corrected": "Issued anew",
    "award.restored": "Issued anew after it was revoked",
    "award.kept": "It stays as it was, for another reason",
    "correction.asked": "A new issue was asked for",
}

EFFECT: dict[Effect, Word] = {
    Effect.STAYS: Word("Stays valid"),
    Effect.SUSPENDED: Word("Is suspended until it is complete again"),
    Effect.REVOKED: Word("Is revoked, and issued anew when it is complete again"),
}

FINDING: dict[Finding, Word] = {
    Finding.SAME_FILE: Word("The same file"),
    Finding.LIKE_TEXT: Word("Nearly the same text"),
    Finding.REPORT: Word("A report"),
}

PANEL_VERDICT: dict[PanelVerdict, Word] = {
    PanelVerdict.CLEARED: Word("Cleared", "good", "check_circle"),
    PanelVerdict.UPHELD: Word("Upheld", "bad", "remove_circle"),
}

AGAINST: dict[Against, Word] = {
    Against.NOT_YET_EARNED: Word("Not Yet Earned"),
    Against.DENIED: Word("the denial"),
    Against.REVOKED: Word("the revocation"),
}

APPEAL: dict[AppealStage, Word] = {
    AppealStage.FILED: Word("Waits for an answer", "calm", "hourglass_empty"),
    AppealStage.UPHELD: Word("Upheld", "good", "check_circle"),
    AppealStage.DISMISSED: Word("Dismissed", "warn", "do_not_disturb"),
}

PATHWAY_VERDICT: dict[PathwayVerdict, Word] = {
    PathwayVerdict.MET: Word("Met", "good", "check_circle", "Everything that the rule asks for is on record."),
    PathwayVerdict.MET_BY_WAIVER: Word(
        "Met by waiver", "good", "check_circle", "A requirement is not met, and a waiver in force covers it."
    ),
    PathwayVerdict.MET_BY_OVERRIDE: Word(
        "Met by override",
        "good",
        "check_circle",
        "An office decided that it counts as met, with its reasons on record.",
    ),
    PathwayVerdict.NOT_MET: Word("Not met yet", "warn", "hourglass_empty", "Something is missing. Below is what."),
    PathwayVerdict.PENDING: Word(
        "Waiting", "calm", "hourglass_empty", "It will be met once everything that is under review is awarded."
    ),
    PathwayVerdict.NOT_APPLICABLE: Word(
        "Does not apply to you", "plain", "do_not_disturb", "The rule does not concern you."
    ),
    PathwayVerdict.UNDECIDED: Word(
        "Not decided",
        "calm",
        "help_outline",
        "The question was too hard for the time that it may take. It is no refusal: ask your office.",
    ),
}

REQUIREMENT: dict[State, Word] = {
    State.MET: Word("Met", "good", "check_circle"),
    State.WAIVED: Word("Waived", "good", "check_circle"),
    State.NOT_MET: Word("Not met yet", "warn", "radio_button_unchecked"),
    State.NOT_APPLICABLE: Word("Does not apply", "plain", "do_not_disturb"),
    State.UNDECIDED: Word("Not decided", "calm", "help_outline"),
    State.UNKNOWN: Word("Not known", "calm", "help_outline"),
}

PHASE: dict[Phase, Word] = {
    Phase.DRAFT: Word("Draft", "plain", "edit", "Only its office can see it."),
    Phase.APPROVED: Word("Approved", "calm", "event", "It begins on a later day."),
    Phase.IN_FORCE: Word("In force", "good", "check_circle", "It applies today."),
    Phase.SUNSET: Word("Ended", "warn", "history", "It reached its last day."),
}

HOLDING: dict[HoldingKind, Word] = {
    HoldingKind.OFFICE: Word("Recorded by an office"),
    HoldingKind.OUTSIDE: Word("Credential of another issuer"),
}

BAND: dict[Band, Word] = {
    Band.CITY: Word("City"),
    Band.SUBURB: Word("Suburb"),
    Band.TOWN: Word("Town"),
    Band.RURAL: Word("Rural"),
    Band.NONE: Word("Not said"),
}

MEASURE: dict[Measure, Word] = {
    Measure.AWARDS_IN_YEAR: Word("Awards in the year", detail="the awards made in a school year"),
    Measure.AWARDS_SO_FAR: Word("Awards so far", detail="all awards ever made, by the end of a school year"),
    Measure.HOLDERS: Word("Holders", detail="the educators who hold an award in force"),
}

SCHEME: dict[Scheme, Word] = {
    Scheme.LICENCE: Word("Licences", detail="Granted or renewed by a rule that counts what is told here."),
    Scheme.PATHWAY: Word("Other pathways", detail="Rules of offices by which no licence is granted here."),
    Scheme.PAY: Word("Pay", detail="What districts and others give for it to those who work there."),
}

TABLES: tuple[dict[StrEnum, Word], ...] = (
    SUBMISSION, VERSION, AWARD, VERDICT, OUTCOME, CHECK, ROLE, KIND, PART, MODE, AI_POLICY, AI_DECLARED, SCOPE, BASIS,
    READING, MODERATION, ANCHOR_USE,
    WANTED, CONFLICT, USE, PAY_KIND, STANDING, CLAIM, PLAN, PAY_CASE, CASE_OUTCOME, FINDING,
    PANEL_VERDICT, AGAINST, APPEAL, ROSTER, LICENCE_KIND, APPLICATION_KIND, APPLICATION, LICENCE_APPEAL,
    EXCEPTION, PATHWAY_VERDICT, REQUIREMENT, PHASE, HOLDING, PROPOSAL, CHOICE, CAPACITY,
    ATTESTED, BAND, MEASURE, SCHEME,
)  # type: ignore[assignment]  # fmt: skip


def word_for(value: StrEnum) -> Word:
    """The word for a member of any of these enumerations. Stages of different rooms are told apart by their class."""
    for table in TABLES:
        if isinstance(value, type(next(iter(table)))):
            return table[value]
    raise KeyError(value)
