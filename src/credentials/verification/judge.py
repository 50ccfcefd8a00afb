"""Is this credential good? From values alone: what was presented, the materials, the rules and the moment.

The order of SECURITY.md, section 3; ``reading`` has done its steps 1 to 6 before:

    (7-9)  proof         every signature holds, and is the issuer's
           issuer        the registry knows the issuer
    (10)   time          in force now
    (11)   status        neither revoked nor suspended
    (12)   endorsements  each holds, by its own issuer
           schema        the named schema is one that our models check

It stops at the first check that fails, and at a signature that could not be checked: nothing is known of what is not signed.
Any other thing that stays unknown makes the verdict indeterminate, and a schema that we do not know is only a warning. A
``Refused`` is a finding; any other exception is a bug of ours, and is not caught: it must never read as a forgery.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.contexts import Contexts
from credentials.openbadges.model import AchievementCredential, BadgeMembers, Credential, EndorsementCredential
from credentials.openbadges.terms import LanguageValue, Text, one_or_many, parse_date_time
from credentials.proofs.model import JsonObject
from credentials.verification.checks import check_time, valid_from, valid_until, verified_document
from credentials.verification.model import (
    Check,
    Endorsement,
    Issuer,
    Materials,
    Name,
    Outcome,
    Policy,
    Report,
    Status,
    Undecided,
    Verdict,
)
from credentials.verification.reading import Presented, Signed
from credentials.verification.sentences import NO_STATUS, failed, passed, summary, unknown
from credentials.verification.status_lists import statuses, worst
