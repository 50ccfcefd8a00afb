"""What several requests of pay take, and the scopes that they need."""

from typing import Annotated

from msgspec import Meta

from credentials.people.model import Scope
from credentials.web.deps import SCOPE_KEY
from credentials.web.wire import Asked

Identifier = Annotated[str, Meta(max_length=36)]
Because = Annotated[str, Meta(max_length=5_000)]
Short = Annotated[str, Meta(max_length=80)]

READ = {SCOPE_KEY: Scope.PAY_READ}
WRITE = {SCOPE_KEY: Scope.PAY_WRITE}


class Decided(Asked):
    """A refusal needs its reason."""

    approve: bool
    reason: Because = ""
