"""What a receipt says, from values alone.

A receipt is an ``EndorsementCredential`` (Open Badges 3.0) by the organisation that checked: its subject is what was checked,
its comment the verdict; each check stands under ``evidence``, and each thing that the verdict rests on under
``relatedResource`` with its digest (VCDM 2.0, "Integrity of Related Resources"). So any verifier can check a receipt, and
whoever has kept the file can show later that it is the one.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from credentials.openbadges.build import CONTEXT_OB
from credentials.openbadges.lint import is_signable
from credentials.openbadges.terms import format_date_time
from credentials.openbadges.vcdm import CONTEXT_V2
from credentials.proofs.model import JsonObject
from credentials.verification.model import Gathered, Materials, Present, Report

NAME = "Verification receipt"


def receipt_document(
    report: Report, materials: Materials, *, receipt_id: str, issuer: str, issuer_name: str, now: datetime
) -> JsonObject:
    """The unsigned receipt. Nothing of the credential is repeated in it that a good signature does not cover."""
    file_id = f"urn:sha256:{report.digest}"
    signed_id = (report.credential or {}).get("id")
    comment = f"{report.outcome}: {report.summary}"
    if report.as_of is not None:
        comment = f"{comment} Asked for {format_date_time(report.as_of)}."
    return {
        "@context": [CONTEXT_V2, CONTEXT_OB],
        "id": f"urn:uuid:{receipt_id}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": issuer_name},
        "validFrom": format_date_time(now),
        "name": NAME,
        "description": "What was checked, when, and against what. It says how the credential stood then, and no more.",
        "credentialSubject": {
            "id": signed_id if isinstance(signed_id, str) else file_id,
            "type": ["EndorsementSubject"],
            "endorsementComment": _plain(comment),
        },
        "evidence": [
            {
                "type": ["Evidence"],
                "name": check.name.value,
                "genre": check.outcome.value,
                "description": _plain(f"{check.detail} ({check.code})" if check.code else check.detail),
            }
            for check in report.checks
        ],
        "relatedResource": [
            {"id": file_id, "digestSRI": _sri(bytes.fromhex(report.digest))},
            *(
                {"id": address, "digestSRI": _sri(sha256(found.body).digest())}
                for address, found in sorted(_gathered(materials).items())
                if isinstance(found, Present)
            ),
        ],
    }


def _gathered(materials: Materials) -> Mapping[str, Gathered]:
    return {**materials.key_documents, **materials.status_lists}


def _sri(digest: bytes) -> str:
    """Subresource Integrity, section 3.1."""
    return f"sha256-{b64encode(digest).decode()}"


def _plain(text: str) -> str:
    return text if is_signable(text) else "".join(letter for letter in text if is_signable(letter))
