"""A caller's voice, played to those who are signed in; that it was asked for is remembered."""

from fastapi import APIRouter, Response
from sqlalchemy.orm import undefer

from service.console.guard import ConsoleRoute, Viewer
from service.console.patient import remember_opening
from service.conversation.models import Recording
from service.errors import NotFound

router = APIRouter(prefix="/console/recordings", route_class=ConsoleRoute)


@router.get("/{recording_id}")
def play(visit: Viewer, recording_id: int) -> Response:
    """The audio; it stays in no cache."""
    with visit.house.database.transaction() as session:
        found = session.get(Recording, recording_id, options=[undefer(Recording.audio)])
        if found is None or found.audio is None:
            raise NotFound("There is no such recording.")
        remember_opening(session, visit, f"recording:{recording_id}")
        headers = {"Cache-Control": "no-store", "Content-Disposition": "inline"}
        return Response(found.audio, media_type=found.media_type, headers=headers)
