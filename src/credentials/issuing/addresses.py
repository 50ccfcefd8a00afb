"""Where things that credentials point at are found: every address is the base URL and a path that never changes. Pure."""


def achievement(base_url: str, version_id: str) -> str:
    """A version of a micro-credential: its id in credentials, and a page."""
    return f"{base_url}/achievements/{version_id}"


def rubric(base_url: str, version_id: str) -> str:
    """The very bytes of the rubric whose digest stands in credentials."""
    return f"{base_url}/achievements/{version_id}/rubric.json"


def framework_item(base_url: str, identifier: str) -> str:
    """A CFItem under the CASE 1.1 interface; an identifier that is a URL already is its own address."""
    return identifier if "://" in identifier else f"{base_url}/ims/case/v1p1/CFItems/{identifier}"


def stack(base_url: str, stack_id: str) -> str:
    return f"{base_url}/stacks/{stack_id}"


def licence(base_url: str, type_id: str) -> str:
    return f"{base_url}/licences/{type_id}"


def status_list(base_url: str, list_id: str) -> str:
    return f"{base_url}/status/{list_id}"


def shared_award(base_url: str, share: str) -> str:
    """The public page of an award whose owner shares it."""
    return f"{base_url}/badges/{share}"
