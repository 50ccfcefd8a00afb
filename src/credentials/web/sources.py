"""Where a verification looks first: our own database, and the registry of recognised issuers."""

from credentials.db import Database
from credentials.errors import NotFound
from credentials.fetch import Fetch, Unreachable
from credentials.people import service as people
from credentials.proofs.model import JsonObject
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.model import TrustedIssuer
from credentials.trust.rules import did_of


class OwnSources:
    """What a service knows by itself: its own organisations, their keys and lists; and whom it recognises."""

    def __init__(self, database: Database, base_url: str, fetch: Fetch) -> None:
        self._database = database
        self._base_url = base_url
        self._did_prefix = did_of(base_url, "")
        self.fetch = fetch

    async def own_document(self, did: str) -> JsonObject | None:
        if not did.startswith(self._did_prefix):
            return None
        async with self._database.read() as session:
            try:
                return await trust.document(session, did)
            except NotFound:
                return None

    async def own_status_list(self, url: str) -> bytes | None:
        prefix = f"{self._base_url}/status/"
        if not url.startswith(prefix):
            return None
        async with self._database.read() as session:
            found = await status.get_published(session, url.removeprefix(prefix))
        if found is None:
            raise Unreachable("this list of our own is not published yet")
        return found.body

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        async with self._database.read() as session:
            if issuer.startswith(self._did_prefix):
                try:
                    found = await people.organisation_by_slug(session, issuer.removeprefix(self._did_prefix))
                except NotFound:
                    return None
                return TrustedIssuer(id=issuer, name=found.name)
            return await trust.trusted_issuer(session, issuer)


class NoSources:
    """What a machine without a service knows: nothing by itself, and nobody."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch

    async def own_document(self, did: str) -> JsonObject | None:  # noqa: ARG002 - the protocol's
        return None

    async def own_status_list(self, url: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        return None

    async def recognised(self, issuer: str) -> TrustedIssuer | None:  # noqa: ARG002 - the protocol's
        return None
