"""Writes the file by which the W3C's interoperability suites find a running service: its ``localConfig.cjs``.

    python3 tools/suite_config.py https://localhost:8443 > localConfig.cjs

It asks the service for its issuer instances (``/vc-api/issuers``) and gives each the tags that the suites look for. How it is
started for this, and what the suites will say, is in ``docs/integrators.md`` and ``docs/conformance.md``. Needs Python alone.
"""

import json
import ssl
import sys
import urllib.request
from typing import Any

DEFAULT = "eddsa-rdfc-2022"
ENVELOPED = "vc-jose-es256"
CURVES = ("P-256", "P-384")


def configuration(base_url: str, instances: list[dict[str, Any]]) -> dict[str, Any]:
    """One implementation, with an issuer for each instance and the verifiers that all suites share."""
    issuers = [issuer for one in instances if (issuer := _issuer(one)) is not None]
    suites = sorted({one["cryptosuite"] for one in instances if not one["cryptosuite"].startswith("vc-")})
    verifier = {
        "id": f"{base_url}/vc-api",
        "endpoint": f"{base_url}/vc-api/credentials/verify",
        "supportedEcdsaKeyTypes": list(CURVES),
        "supports": {"vc": ["1.1", "2.0"]},
        "tags": ["vc2.0", "EnvelopingProof", "BitstringStatusList", *suites],
    }
    return {
        "settings": {"enableInteropTests": False, "testAllImplementations": False},
        "implementations": [
            {
                "name": "Educator credentials",
                "implementation": "educator-credentials",
                "issuers": issuers,
                "verifiers": [verifier],
                "vpVerifiers": [
                    {
                        "id": verifier["id"],
                        "endpoint": f"{base_url}/vc-api/presentations/verify",
                        "tags": ["vc2.0", "EnvelopingProof"],
                    }
                ],
                "vcHolders": [
                    {
                        "id": verifier["id"],
                        "endpoint": f"{base_url}/vc-api/credentials/derive",
                        "tags": ["vcHolder"],
                    }
                ],
            }
        ],
    }


def _issuer(instance: dict[str, Any]) -> dict[str, Any] | None:
    """Of the instances that make tokens one is enough: a suite has one tag for them all."""
    suite = instance["cryptosuite"]
    if suite.startswith("vc-") and instance["name"] != ENVELOPED:
        return None
    tags = [suite]
    if instance["name"] == ENVELOPED:
        tags = ["EnvelopingProof"]
    elif instance["statusPurposes"]:
        tags = ["BitstringStatusList"]
    if instance["name"] == DEFAULT:
        tags.append("vc2.0")
    issuer = {
        "id": instance["id"],
        "endpoint": instance["issue"],
        "options": {},
        "supports": {"vc": ["1.1", "2.0"]},
        "tags": tags,
    }
    return {**issuer, "supportedEcdsaKeyTypes": [instance["keyType"]]} if instance["keyType"] in CURVES else issuer


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    base_url = sys.argv[1].rstrip("/")
    trusted = ssl.create_default_context()
    with urllib.request.urlopen(f"{base_url}/vc-api/issuers", context=trusted, timeout=30) as answer:
        instances = json.load(answer)
    print(f"module.exports = {json.dumps(configuration(base_url, instances), indent=2)};")


if __name__ == "__main__":
    main()
