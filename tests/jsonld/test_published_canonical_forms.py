"""Every canonical form that the standards publish, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from sentences import sentences

from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts

EDDSA, ECDSA = "vectors/vc-di-eddsa", "vectors/vc-di-ecdsa"
GUIDE, EXAMPLES = "vectors/ob30-impl-guide", "examples/ob30"
P256, P384, SD = f"{ECDSA}/ecdsa-rdfc-2019-p256", f"{ECDSA}/ecdsa-rdfc-2019-p384", f"{ECDSA}/ecdsa-sd-2023"
RDFC, SIGNATURE_2020 = f"{EDDSA}/eddsa-rdfc-2022", f"{EDDSA}/Ed25519Signature2020"

FORMS = {
    "eddsa-rdfc-2022: the document": (f"{EDDSA}/unsigned.json", f"{RDFC}/canonDocDataInt.txt"),
    "eddsa-rdfc-2022: the proof": (f"{RDFC}/proofConfigDataInt.json", f"{RDFC}/proofCanonDataInt.txt"),
    "eddsa-rdfc-2022: the second document": (f"{EDDSA}/employmentAuth.json", f"{RDFC}/employ/canonDocDataInt.txt"),
    "eddsa-rdfc-2022: its proof": (f"{RDFC}/employ/proofConfigDataInt.json", f"{RDFC}/employ/proofCanonDataInt.txt"),
    "Ed25519Signature2020: the document": (f"{SIGNATURE_2020}/signedEdSig.json", f"{SIGNATURE_2020}/canonDocEdSig.txt"),
    "Ed25519Signature2020: the proof": (
        f"{SIGNATURE_2020}/proofConfigEdSig.json",
        f"{SIGNATURE_2020}/proofCanonEdSig.txt",
    ),
    "ecdsa-rdfc-2019, P-256: the document": (f"{ECDSA}/unsigned.json", f"{P256}/canonDocECDSAP256.txt"),
    "ecdsa-rdfc-2019, P-256: the proof": (f"{P256}/proofConfigECDSAP256.json", f"{P256}/proofCanonECDSAP256.txt"),
    "ecdsa-rdfc-2019, P-256: the second document": (
        f"{ECDSA}/employmentAuth.json",
        f"{P256}/employ/canonDocECDSAP256.txt",
    ),
    "ecdsa-rdfc-2019, P-256: its proof": (
        f"{P256}/employ/proofConfigECDSAP256.json",
        f"{P256}/employ/proofCanonECDSAP256.txt",
    ),
    "ecdsa-rdfc-2019, P-384: the document": (f"{ECDSA}/unsigned.json", f"{P384}/canonDocECDSAP384.txt"),
    "ecdsa-rdfc-2019, P-384: the proof": (f"{P384}/proofConfigECDSAP384.json", f"{P384}/proofCanonECDSAP384.txt"),
    "ecdsa-rdfc-2019, P-384: the second document": (
        f"{ECDSA}/employmentAuth.json",
        f"{P384}/employ/canonDocECDSAP384.txt",
    ),
    "ecdsa-rdfc-2019, P-384: its proof": (
        f"{P384}/employ/proofConfigECDSAP384.json",
        f"{P384}/employ/proofCanonECDSAP384.txt",
    ),
    "ecdsa-sd-2023: the document": (f"{SD}/prc/addSignedSDBase.json", f"{SD}/prc/addBaseDocCanon.json"),
    "ecdsa-sd-2023: the proof": (f"{SD}/prc/addProofConfig.json", f"{SD}/prc/addProofConfigCanon.txt"),
    "ecdsa-sd-2023: the second document": (f"{SD}/employ/addSignedSDBase.json", f"{SD}/employ/addBaseDocCanon.json"),
    "ecdsa-sd-2023: its proof": (f"{SD}/employ/addProofConfig.json", f"{SD}/employ/addProofConfigCanon.txt"),
    "Open Badges 3.0 guide: the badge": (
        f"{EXAMPLES}/linked-data-proof-ob-01-credential.json",
        f"{GUIDE}/obv3p0/document-canon.txt",
    ),
    "Open Badges 3.0 guide: the signed badge without its proof": (
        f"{EXAMPLES}/linked-data-proof-ob-07-signed-credential.json",
        f"{GUIDE}/obv3p0/document-canon.txt",
    ),
    "Open Badges 3.0 guide: the learner record": (
        f"{EXAMPLES}/linked-data-proof-clr-02-document-before-signing.json",
        f"{GUIDE}/clrv2p0/document-canon.txt",
    ),
    "Open Badges 3.0 guide: the signed learner record without its proof": (
        f"{EXAMPLES}/linked-data-proof-clr-07-signed-credential.json",
        f"{GUIDE}/clrv2p0/document-canon.txt",
    ),
}


def published(path: Path) -> bytes:
    text = path.read_text()
    lines = json.loads(text) if path.suffix == ".json" else text.splitlines(keepends=True)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines).encode()


@sentences(("document", "form"), FORMS)
def test_a_published_document_has_its_published_canonical_form(
    document: str, form: str, shared: Path, further_contexts: Contexts
) -> None:
    read: dict[str, Any] = json.loads((shared / "standards" / document).read_bytes())
    read.pop("proof", None)
    hash_name: Any = "sha384" if "P384" in form else "sha256"
    assert canonize(read, further_contexts, hash_name=hash_name) == published(shared / "standards" / form)


@pytest.mark.parametrize("kind", ["ob", "clr"])
def test_the_proof_of_the_guide_in_the_contexts_of_its_credential_has_its_published_form(
    kind: str, shared: Path, contexts: Contexts
) -> None:
    examples = shared / "standards" / EXAMPLES
    credential = json.loads((examples / f"linked-data-proof-{kind}-07-signed-credential.json").read_bytes())
    proof = json.loads((examples / f"linked-data-proof-{kind}-06-proof.json").read_bytes())
    del proof["proofValue"]
    config = {"@context": credential["@context"], **proof}
    form = shared / "standards" / GUIDE / f"{kind}v{'3' if kind == 'ob' else '2'}p0" / "proof-canon.txt"
    assert canonize(config, contexts) == published(form)
