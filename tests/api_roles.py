"""Whoever asks the API: with a session or with a token."""

from typing import Any, NamedTuple

ORIGIN = {"Origin": "http://alder.test"}


class Asker(NamedTuple):
    """``sessions`` are used up from the end, because whoever asks at random signs out too."""

    name: str
    sessions: list[str]
    token: str = ""

    def headers(self) -> dict[str, str]:
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        return {"Cookie": f"session={self.sessions[-1]}"} if self.sessions else {}

    def __repr__(self) -> str:
        return self.name


def askers(populated: Any) -> list[Asker]:
    """Everybody with a session, everybody with a token, and nobody."""
    people = [name for name in populated.sessions if name != "outsider"]
    return [
        *(Asker(f"{name}, signed in", populated.sessions[name]) for name in people),
        *(Asker(f"{name}'s program", [], populated.tokens[name]) for name in people),
        Asker("nobody", []),
    ]
