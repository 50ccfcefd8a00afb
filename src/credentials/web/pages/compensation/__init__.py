"""Pay: what my awards are worth where I work; and the office's queue, decisions, rules, people, cases and pay runs."""

from credentials.web.pages.compensation import cases, claims, mine, office, rules, runs, staff

HANDLERS = [
    *mine.HANDLERS,
    *office.HANDLERS,
    *claims.HANDLERS,
    *cases.HANDLERS,
    *staff.HANDLERS,
    *rules.HANDLERS,
    *runs.HANDLERS,
]
