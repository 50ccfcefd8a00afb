"""The description of the API is true: whatever it allows is taken, whatever it does not allow is refused, and every answer
is one that it describes, whoever asks (schemathesis, in process)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from api_roles import ORIGIN, Asker, askers
from builders import served
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.python import asgi
from schemathesis.schemas import APIOperation, BaseSchema

from credentials.web.parts import Parts

BASE_URL = "http://alder.test"
TAGS = ("people", "catalogue", "evidence", "review", "awards", "stacks", "others")
LONG = pytest.mark.parametrize("examples", [3, pytest.param(100, marks=pytest.mark.long)], ids=["few", "many"])

NOT_OF_THE_FORM = "is not of the form that this address takes"
"""How a request is refused that does not fit the shape of what is taken: nothing that the description allows may be."""
REFUSED_BY_RULE = ("2xx", "3xx", "400", "401", "403", "404", "409", "412", "413", "429")
"""What a request of the right form may meet. 400: a rule that no schema can say, or a link's secret that is none."""


@pytest.fixture
def api(unlocked: Parts) -> Iterator[BaseSchema]:
    app = served(unlocked)
    app.on_shutdown.append(unlocked.database.close)
    config = SchemathesisConfig(seed=1)
    found = schemathesis.openapi.from_asgi("/api/openapi.json", app=app, headers={"host": "alder.test"}, config=config)
    found.config.update(base_url=BASE_URL)
    found.config.checks.positive_data_acceptance.expected_statuses = list(REFUSED_BY_RULE)
    found.config.checks.negative_data_rejection.expected_statuses += ["413"]
    yield found
    asgi.shutdown_lifespans()
    app.on_shutdown.remove(unlocked.database.close)


def operations(api: BaseSchema, tag: str) -> list[APIOperation]:
    found = [result.ok() for result in api.get_all_operations()]
    named = {name: [one for one in found if name in (one.tags or [])] for name in TAGS}
    rest = [one for one in found if not any(one in of for of in named.values())]
    return rest if tag == "others" else named[tag]


def true_to_life(case: Case, draw: Callable[[Any], Any], things: dict[str, list[str]]) -> Case:
    """In a request of the right form, ids of things that there are, most of the time."""
    if case.meta is not None and case.meta.generation.mode is not GenerationMode.POSITIVE:
        return case
    often = st.sampled_from([True, True, True, False])
    for name in case.path_parameters:
        if things.get(name) and draw(often):
            case.path_parameters[name] = draw(st.sampled_from(things[name]))
    if case.headers and "If-Match" in case.headers and draw(often):
        case.headers["If-Match"] = '"1"'
    if isinstance(case.body, dict):
        for member in case.body:
            known = things.get("".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member))
            if known and draw(often):
                several = isinstance(case.body[member], list)
                case.body[member] = known[:2] if several else draw(st.sampled_from(known))
    return case


@LONG
@pytest.mark.parametrize("tag", TAGS)
def test_every_operation_does_as_it_says(api: BaseSchema, populated: Any, tag: str, examples: int) -> None:
    found = operations(api, tag)
    assert found, "a tag without operations: mend the list"
    untrue: list[str] = []
    for operation in found:
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and _takes_anything(operation):
                continue
            try:
                _ask(operation, mode, populated, examples)
            except FailureGroup as failures:
                untrue += [
                    f"{operation.label}: {failure.title}: {failure.message}\n{failures}"
                    for failure in failures.exceptions
                ]
            except AssertionError as lie:
                untrue.append(str(lie))
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, operation.label
                assert operation.label == "POST /api/v1/verify", operation.label
    assert not untrue, "\n\n".join(untrue)


FREE_TEXT = {"type": "string", "minLength": 1}


def _takes_anything(operation: APIOperation) -> bool:
    """It is asked with nothing but an id, and any text is one: a wrong one would be looked for in vain, for a second."""
    asked = list(operation.iter_parameters())
    only_an_id = all(one.location.value == "path" and one.definition["schema"] == FREE_TEXT for one in asked)
    return operation.method == "get" and not operation.body and len(asked) <= 1 and only_an_id


def names_only_moments(problem: Any) -> bool:
    """A moment that ``date-time`` allows and no calendar of ours can hold: a leap second, the year 0."""
    said = ("RFC3339", "Timestamp is out of range", "as a moment with its time zone")
    return all(any(words in error["detail"] for words in said) for error in problem.get("errors", [{"detail": ""}]))


def _ask(operation: APIOperation, mode: GenerationMode, populated: Any, examples: int) -> None:
    everybody = askers(populated)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), case=operation.as_strategy(generation_mode=mode), asker=st.sampled_from(everybody))
    def asked(data: st.DataObject, case: Case, asker: Asker) -> None:
        true = true_to_life(case, data.draw, populated.things)
        answer = true.call_and_validate(base_url=BASE_URL, headers={**ORIGIN, **asker.headers()})
        if mode is GenerationMode.POSITIVE and answer.status_code == 400:
            assert NOT_OF_THE_FORM not in answer.text or names_only_moments(answer.json()), (
                f"{operation.label} refuses what is described: {answer.text}"
            )

    asked()
