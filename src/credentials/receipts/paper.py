"""A receipt on paper: a PDF that is read aloud as it is seen (PDF/UA-1), can be kept for good (PDF/A-3a), and has the signed
receipt attached. The typesetter is an extra (``pdf``)."""

import io
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import segno

from credentials.errors import Unavailable

_PAGE = (Path(__file__).parent / "receipt.typ").read_bytes()
STANDARDS = ("ua-1", "a-3a")


class NoTypesetter(Unavailable):
    code = "no-typesetter"


def receipt_pdf(signed: bytes, address: str) -> bytes:
    """The receipt as a PDF, with a code that leads to ``address``, where the signed one is. It takes 0.3 s: run it off the
    event loop. Raises ``NoTypesetter``.

    Everything that is set is handed over as data: nothing of it is ever read as the typesetter's language.
    """
    try:
        typst = import_module("typst")
    except ImportError as error:
        raise NoTypesetter("receipts are not printed here: install the extra “pdf”, or keep the signed file") from error
    document: dict[str, Any] = msgspec.json.decode(signed)
    code = io.BytesIO()
    segno.make(address, error="m").save(code, kind="svg", border=4, light="#fff", xmldecl=False)
    data = {
        "receipt": document,
        "signed": signed.decode(),
        "address": address,
        "code": code.getvalue().decode(),
    }
    made: bytes = typst.compile(
        _PAGE, format="pdf", pdf_standards=list(STANDARDS), sys_inputs={"data": msgspec.json.encode(data).decode()}
    )
    return made
