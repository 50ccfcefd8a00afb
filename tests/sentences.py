"""Tables of cases whose keys are sentences, and what a refusal says."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from credentials.errors import Refused


def sentences(names: str | tuple[str, ...], cases: Mapping[str, Any]) -> pytest.MarkDecorator:
    """``cases`` as parameters called ``names``, each under its sentence."""
    return pytest.mark.parametrize(names, list(cases.values()), ids=list(cases))


def refusal(call: Callable[..., Any], *arguments: Any) -> tuple[str, str] | None:
    """The code and the pointer with which a call refuses its arguments, or nothing where it takes them."""
    try:
        call(*arguments)
    except Refused as refused:
        (fault,) = refused.faults
        if not fault.detail:
            pytest.fail("A refusal says why in words.")
        return refused.code, refused.pointer
    return None
