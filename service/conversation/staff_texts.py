"""A member of staff answers an alert by text: recognised before the text is taken for a patient's."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from service.conversation.heard import Channel, Heard
from service.conversation.models import Event
from service.outbox.enqueue import enqueue_to_staff
from service.review.acknowledge import Answered, acknowledge, notice_of, was_alerted
from service.triage.assess import assess
from service.triage.rules import UNREAD
from service.wording import fold

if TYPE_CHECKING:
    from service.conversation.receive import Conversation

CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
FEW_WORDS = 6
"""So many words beside a code ("4821 on my way") are no message of their own, unless triage finds a sign."""

ANSWERS = {
    Answered.TAKEN: "alert_taken",
    Answered.NOTED: "alert_noted",
    Answered.GONE: "alert_gone",
    None: "alert_unknown",
}


def answers_alert(
    session: Session, line: "Conversation", event: Event, heard: Heard, now: datetime
) -> bool:
    """Take an alert by its code; True when there is nothing else in the text.

    Staff can be patients too: whatever else the words say is handled as anybody's.
    """
    if heard.channel is not Channel.SMS or heard.sender is None:
        return False
    found = CODE.search(heard.body)
    if found is None:
        return False
    keyring, number = line.database.keyring, heard.sender
    notice = notice_of(session, keyring, number, found[0], now)
    if notice is not None:
        result = acknowledge(session, notice, line.content.clinic.alerts, how="text", now=now)
        _reply(session, line, event, number, result.what, result.item_id, now)
        return _says_no_more(line, heard.body)
    if heard.body.strip() == found[0] and was_alerted(session, keyring, number, now):
        _reply(session, line, event, number, None, None, now)
        return True
    return False


def _says_no_more(line: "Conversation", body: str) -> bool:
    rest = fold(CODE.sub(" ", body, count=1))
    if len(rest.split()) > FEW_WORDS:
        return False
    findings = assess(rest, line.lexicon).findings
    return all(finding.sign == UNREAD for finding in findings)


def _reply(
    session: Session,
    line: "Conversation",
    event: Event,
    number: str,
    what: Answered | None,
    item_id: int | None,
    now: datetime,
) -> None:
    content = line.content
    language, page = content.clinic.languages[0], f"/items/{item_id}" if item_id else ""
    params = {"link": f"{line.public_url}/console{page}"}
    if what is Answered.NOTED:
        params["minutes"] = str(content.clinic.alerts.unfinished_minutes)
    body = content.reply(ANSWERS[what], language, **params)
    enqueue_to_staff(session, key=f"alert answer:{event.id}", to=number, body=body, now=now)
