"""docs/codes.md says what every code means."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from credentials.verification.sentences import SENTENCES

_REPOSITORY = Path(__file__).parents[2]
_PACKAGE = _REPOSITORY / "src" / "credentials"
_RAISED = {"Refused", "Problem", "Undecided", "FileRefused", "Barred"}
_URL = {
    "https://www.w3.org/TR/vc-data-model#": {
        "PARSING_ERROR",
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "MALFORMED_VALUE_ERROR",
        "RANGE_ERROR",
    },
    "https://www.w3.org/ns/credentials/status-list#": {
        "STATUS_RETRIEVAL_ERROR",
        "STATUS_VERIFICATION_ERROR",
        "STATUS_LIST_LENGTH_ERROR",
    },
}


def _trees() -> Iterator[ast.Module]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def _constants(trees: list[ast.Module]) -> dict[str, str]:
    """Strings that have a name at the top of some module."""
    return {
        name.id: statement.value.value
        for tree in trees
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for name in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(name, ast.Name)
    }


@cache
def _codes_in_the_package() -> set[str]:
    trees = list(_trees())
    constants = _constants(trees)
    found: set[str] = set()
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        given = [call.args[0]] if name in _RAISED and call.args else []
        if name == "check_signature":
            given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.add(value.value)
            elif isinstance(value, ast.Name) and value.id in constants:
                found.add(constants[value.id])
    return found


def _table() -> dict[str, list[str]]:
    """The rows of the document's tables of codes: standard, meaning, what to do, by code."""
    lines = (_REPOSITORY / "docs" / "codes.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows if len(row) == 4}


def test_every_code_that_the_package_can_answer_is_in_the_table() -> None:
    assert sorted(_codes_in_the_package() - _table().keys()) == []


def test_every_code_in_the_table_is_one_that_the_package_can_answer() -> None:
    assert sorted(_table().keys() - _codes_in_the_package()) == []


def test_every_code_has_a_meaning_and_something_to_do() -> None:
    for code, (_, meaning, remedy) in _table().items():
        assert meaning.endswith("."), code
        assert remedy.endswith("."), code


def test_a_code_of_a_standard_has_the_address_of_the_standard_and_ours_have_none() -> None:
    for code, (standard, *_) in _table().items():
        if re.fullmatch(r"[A-Z_]+", code):
            base = next((base for base, codes in _URL.items() if code in codes), "https://w3id.org/security#")
            assert standard == f"<{base}{code}>"
        else:
            assert standard == "–", code


def test_every_code_of_a_verification_has_a_sentence_for_a_person() -> None:
    never_in_a_verification = {
        "PROOF_GENERATION_ERROR",
        "media-type-mismatch",
        "active-content",
        "svg-active-content",
        "archive-invalid",
        "archive-bomb",
        "csv-invalid",
        "unscannable",
    }
    assert set(SENTENCES) == _table().keys() - never_in_a_verification
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
