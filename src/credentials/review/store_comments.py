"""Comments to use again."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import and_, delete, insert, or_, select

from credentials.db import Session, to_struct
from credentials.errors import NotFound
from credentials.review.model import Comment
from credentials.review.tables import comments


async def add_comment(session: Session, comment: Comment) -> None:
    await session.execute(insert(comments).values(**msgspec.structs.asdict(comment)))


async def comment(session: Session, comment_id: str) -> Comment:
    row = (await session.execute(select(comments).where(comments.c.id == comment_id))).one_or_none()
    if row is None:
        raise NotFound("there is no such comment")
    return to_struct(row, Comment)


async def remove_comment(session: Session, comment_id: str) -> None:
    await session.execute(delete(comments).where(comments.c.id == comment_id))


async def comments_for(
    session: Session, person_id: str, micro_credential_ids: Iterable[str], *, limit: int = 200
) -> list[Comment]:
    """Somebody's own comments, and those for all who score one of these micro-credentials."""
    query = select(comments).where(
        or_(
            comments.c.owner_id == person_id,
            and_(comments.c.owner_id.is_(None), comments.c.micro_credential_id.in_(set(micro_credential_ids))),
        )
    )
    return [to_struct(row, Comment) for row in await session.execute(query.order_by(comments.c.id).limit(limit))]
