"""A hardware security module in software: Debian's SoftHSM2, with tokens of the tests' own."""

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


@dataclass(frozen=True)
class Token:
    label: str
    pin: str
    library: Path = LIBRARY

    @property
    def settings(self) -> dict[str, Any]:
        return {"pkcs11_library": self.library, "pkcs11_token": self.label, "pkcs11_pin": self.pin}


def begin(folder: Path) -> None:
    """Where this process's tokens live. The library reads it once, when it is first loaded, from the environment."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)


def new_token() -> Token:
    token = Token(f"token-{secrets.token_hex(4)}", secrets.token_hex(6))
    command = ["softhsm2-util", "--init-token", "--free", "--label", token.label, "--so-pin", "12345678"]
    subprocess.run([*command, "--pin", token.pin], check=True, capture_output=True)
    return token
