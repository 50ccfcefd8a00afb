"""Prior learning on pages: the educator's own, and what others are asked to attest."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.errors import Malformed
from credentials.evidence import rules, service
from credentials.evidence.model import Capacity
from credentials.people.model import Act
from credentials.web.api import prior as api
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


@get("/submissions/{submission_id:str}/prior-learning")
async def mine(submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The earlier practice that my submission shows, and the form for it."""
    return await _mine(page, act, submission_id)


async def _mine(page: Page, act: Act, submission_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.own(session, act, submission_id)
        version = await catalog.version(session, found.version_id)
        prior = await service.prior_practice(session, found.id)
    return page.show(
        "evidence/prior.html",
        filled=filled,
        submission=found,
        specification=version.specification,
        prior=prior,
        editable=found.stage in rules.EDITABLE,
    )


@post("/submissions/{submission_id:str}/prior-learning")
async def tell(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Tell earlier practice and ask for its attestation."""
    try:
        said = form.read(
            api.PracticeAsked,
            beganOn=form.line("began_on"),
            endedOn=form.line("ended_on"),
            account=form["account"].strip(),
            capacity=form["capacity"] or Capacity.SUPERVISOR,
            witness=form.line("witness"),
        )
        async with page.parts.database.write() as session:
            await service.tell_prior(
                session,
                act,
                submission_id,
                began_on=said.began_on,
                ended_on=said.ended_on,
                account=said.account,
                capacity=said.capacity,
                witness=said.witness,
            )
    except MENDABLE as failure:
        field = "witness" if "address" in failure.detail else ""
        names = {"beganOn": "began_on", "endedOn": "ended_on"}
        return await _mine(page, act, submission_id, form.back("prior", failure, field=field, at=names))
    return page.go(f"/submissions/{submission_id}/prior-learning", "practice-told")


@post("/submissions/{submission_id:str}/prior-learning/removal")
async def forget(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take it out."""
    try:
        async with page.parts.database.write() as session:
            await service.forget_prior(session, act, submission_id)
    except MENDABLE as failure:
        return await _mine(page, act, submission_id, form.back("prior", failure))
    return page.go(f"/submissions/{submission_id}", "evidence-removed")


@get("/attestations")
async def to_attest(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What I was asked to attest."""
    return await _to_attest(page, act)


async def _to_attest(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        asked = await service.to_attest(session, act)
    return page.show("evidence/attestations.html", filled=filled, asked=asked)


@post("/attestations/{submission_id:str}")
async def attest(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Confirm it, or say that I cannot."""
    try:
        if form["confirmed"] not in {"yes", "no"}:
            raise Malformed("choose whether you confirm it")
        said = form.read(api.Answer, confirmed=form["confirmed"] == "yes", statement=form["statement"].strip())
        async with page.parts.database.write() as session:
            await service.attest_prior(session, act, submission_id, confirmed=said.confirmed, statement=said.statement)
    except MENDABLE as failure:
        return await _to_attest(page, act, form.back(f"attest-{submission_id}", failure))
    return page.go("/attestations", "practice-answered")


HANDLERS = [mine, tell, forget, to_attest, attest]
