"""Pay: rules and their versions, what my awards are worth, claims, cases, the calendar, pay runs, the ledger, a forecast."""

from litestar import Router

from credentials.web.api.compensation import cases, claims, ledger, placements, plans, rules, runs

ROUTES = Router(
    path="",
    tags=["pay"],
    route_handlers=[
        *rules.HANDLERS,
        *placements.HANDLERS,
        *plans.HANDLERS,
        *claims.HANDLERS,
        *cases.HANDLERS,
        *runs.HANDLERS,
        *ledger.HANDLERS,
    ],
)
