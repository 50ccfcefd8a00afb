"""Comments to use again."""

from collections.abc import Iterable

from sqlalchemy import and_, delete, or_, select

from credentials.db import Session, find_all, insert_one, one_by_id
from credentials.review.model import Comment
from credentials.review.tables import comments


async def add_comment(session: Session, comment: Comment) -> None:
    await insert_one(session, comments, comment)


async def comment(session: Session, comment_id: str) -> Comment:
    return await one_by_id(session, Comment, comments, comment_id, "there is no such comment")


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
    return await find_all(session, Comment, query.order_by(comments.c.id).limit(limit))
