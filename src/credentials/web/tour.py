"""What the home page of a demonstration shows besides: whom one can look around as, and what is worth seeing. Only a service
that was given a tour has one, and no setting gives it."""

import msgspec


class Door(msgspec.Struct, frozen=True):
    """A page, and what one finds there."""

    text: str
    path: str


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """An invented person whom anybody may sign in as. ``doors``: where to go first."""

    role: str
    name: str
    address: str
    what: str
    doors: tuple[Door, ...] = ()


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Something to see without signing in."""

    title: str
    what: str
    path: str


class Tour(msgspec.Struct, frozen=True, kw_only=True):
    """``password`` is that of every guest: nobody's secret, and shown."""

    place: str
    password: str
    guests: tuple[Guest, ...]
    sights: tuple[Sight, ...]
