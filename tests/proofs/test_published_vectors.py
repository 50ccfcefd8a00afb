"""Every step of every published vector, byte for byte.

https://www.w3.org/TR/vc-di-eddsa/#test-vectors and https://www.w3.org/TR/vc-di-ecdsa/#test-vectors. Their ECDSA is
deterministic (RFC 6979), so signatures are compared too.
"""

from datetime import UTC, datetime
from hashlib import sha256, sha384

import pytest
from local_keys import key_of_secret_multikey

from credentials.proofs import ecdsa_jcs_2019, ecdsa_rdfc_2019, ed25519_signature_2020, eddsa_jcs_2022, eddsa_rdfc_2022
from credentials.proofs.data_integrity import add_proof, read_proofs, verify_proofs, with_signature
from credentials.proofs.jcs import canonical_json
from credentials.proofs.multikey import key_of_did_key
from credentials.proofs.suite import data_integrity_config

NOW = datetime(2026, 1, 1, tzinfo=UTC)

RDFC = [
    pytest.param("eddsa", "eddsa-rdfc-2022", "unsigned", "DataInt", "DataInt", id="eddsa-rdfc-2022, alumni"),
    pytest.param(
        "eddsa", "eddsa-rdfc-2022/employ", "employmentAuth", "DataInt", "DataInt", id="eddsa-rdfc-2022, employment"
    ),
    pytest.param("ecdsa", "ecdsa-rdfc-2019-p256", "unsigned", "ECDSAP256", "p256", id="ecdsa-rdfc-2019, P-256, alumni"),
    pytest.param(
        "ecdsa", "ecdsa-rdfc-2019-p256/employ", "employmentAuth", "ECDSAP256", "p256", id="ecdsa-rdfc-2019, P-256, employment"
    ),
    pytest.param("ecdsa", "ecdsa-rdfc-2019-p384", "unsigned", "ECDSAP384", "p384", id="ecdsa-rdfc-2019, P-384, alumni"),
    pytest.param(
        "ecdsa", "ecdsa-rdfc-2019-p384/employ", "employmentAuth", "ECDSAP384", "p384", id="ecdsa-rdfc-2019, P-384, employment"
    ),
]
