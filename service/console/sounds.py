"""What the pages show of recordings."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service.conversation.models import Recording


@dataclass(frozen=True, slots=True)
class Sound:
    """What the pages need to show a player, or why there is none."""

    id: int
    seconds: int
    fetched: bool
    kind: str


def sounds_of(
    session: Session, *, recordings: list[int], messages: list[int]
) -> tuple[dict[int, Sound], dict[int, Sound]]:
    """The recordings with these ids, and those whose transcripts are these messages, by message id."""
    wanted = or_(Recording.id.in_(recordings), Recording.message_id.in_(messages))
    found = session.scalars(select(Recording).where(wanted)).all()
    return (
        {each.id: sound(each) for each in found},
        {each.message_id: sound(each) for each in found if each.message_id is not None},
    )


def sound(recording: Recording) -> Sound:
    """What is shown of one recording."""
    fetched = recording.media_type is not None
    return Sound(recording.id, recording.seconds, fetched, recording.kind)
