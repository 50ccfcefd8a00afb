"""What the public interoperability suites of the W3C do to a service: post to its VC-API, and look at status and body alone."""

from pathlib import Path
from typing import Any, Self

import httpx
from local_keys import LocalKey

from credentials.files import all_contexts
from credentials.jsonld.canonize import canonize, label_nodes
from credentials.jsonld.contexts import Contexts
from credentials.proofs import data_integrity, ecdsa_sd_2023

CREATED = "2024-05-01T09:00:00Z"
FORM = {"Content-Type": "application/json", "Accept": "application/json, application/ld+json, */*"}


class Service:
    """The addresses that a suite's configuration would name."""

    def __init__(self, base_url: str, contexts: Path) -> None:
        self.base_url = base_url
        self.files = all_contexts(contexts)
        self.contexts = Contexts(self.files)
        self._client = httpx.Client(base_url=base_url, headers=FORM, timeout=120)
        self.issuers: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.issuers = {one["name"]: one["id"] for one in self._client.get("/vc-api/issuers").json()}
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, address: str) -> httpx.Response:
        return self._client.get(address)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self._client.post(f"/vc-api{path}", json=body)

    def send(self, path: str, body: bytes) -> httpx.Response:
        return self._client.post(f"/vc-api{path}", content=body)

    def issue(self, credential: dict[str, Any], instance: str = "eddsa-rdfc-2022", **options: Any) -> httpx.Response:
        """As the suites ask: in the name of the instance, where the credential names nobody."""
        asked = {**credential, "issuer": credential.get("issuer", self.issuers[instance])}
        return self.post(f"/issuers/{instance}/credentials/issue", {"credential": asked, "options": options})

    def issued(self, credential: dict[str, Any], instance: str = "eddsa-rdfc-2022", **options: Any) -> Any:
        answer = self.issue(credential, instance, **options)
        assert answer.status_code == 201, answer.text
        return answer.json()["verifiableCredential"]

    def verify(self, credential: Any, **options: Any) -> httpx.Response:
        options = {"checks": ["proof"], **options}
        return self.post("/credentials/verify", {"verifiableCredential": credential, "options": options})

    def verify_presentation(self, presentation: Any, **options: Any) -> httpx.Response:
        return self.post("/presentations/verify", {"verifiablePresentation": presentation, "options": options})

    # What a suite signs itself

    def signed(self, document: dict[str, Any], key: LocalKey, suite: str, **options: Any) -> dict[str, Any]:
        """With one more proof, which stands alone where it is the only one, as most libraries write it."""
        made = {"created": CREATED, **options}
        proof = data_integrity.proof_options(suite, key.verification_method, **made)
        proof = {name: value for name, value in proof.items() if value is not ...}
        added = data_integrity.add_proof(document, proof, key.public.type, self._canonize)
        done = data_integrity.with_signature(added, key.sign(added.unsigned.to_sign))
        return {**done, "proof": done["proof"][0]} if len(done["proof"]) == 1 else done

    def selective(self, document: dict[str, Any], key: LocalKey, *mandatory: str) -> dict[str, Any]:
        """A base proof of ``ecdsa-sd-2023``, which is for the holder alone."""
        options = data_integrity.proof_options(ecdsa_sd_2023.NAME, key.verification_method, CREATED)
        unsigned = ecdsa_sd_2023.create_base_proof(
            document,
            options,
            self._label,
            self._canonize,
            mandatory_pointers=mandatory,
            hmac_key=bytes(range(32)),
            proof_key=bytes(range(1, 41)),
        )
        return {**document, "proof": ecdsa_sd_2023.with_base_signature(unsigned, key.sign(unsigned.to_sign))}

    def shown(self, base: dict[str, Any], *selective: str) -> dict[str, Any]:
        document = {name: value for name, value in base.items() if name != "proof"}
        revealed, proof = ecdsa_sd_2023.derive_proof(document, base["proof"], self._label, selective_pointers=selective)
        return {**revealed, "proof": proof}

    def _canonize(self, document: Any, hash_name: Any) -> bytes:
        return canonize(document, self.contexts, hash_name=hash_name)

    def _label(self, document: Any) -> Any:
        return label_nodes(document, self.contexts)
