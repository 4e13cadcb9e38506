"""Tell staff at once, in words free of health data."""

from datetime import datetime

from sqlalchemy.orm import Session

from service.content import Content
from service.outbox.enqueue import enqueue_to_staff


def alert_staff(
    session: Session, content: Content, public_url: str, item_id: int, level: str, now: datetime
) -> None:
    """Tell everybody on the alert list, in words free of health data."""
    body = content.reply("staff_alert", "en", level=level, link=f"{public_url}/console")
    for place, number in enumerate(content.clinic.alerts.numbers):
        enqueue_to_staff(session, key=f"alert:{item_id}:{place}", to=number, body=body, now=now)
