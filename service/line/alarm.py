"""Tells the people on call of an emergency while the database is away: by the carrier and the channels."""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from service.channels import Channels
from service.conversation.receive import Conversation
from service.errors import where
from service.outbox.rules import MAX_VALIDITY
from service.outbox.sender import Outgoing, Sender, TryAgain
from service.staff.phones import roster

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=1)


@dataclass
class Alarm:
    """Knows who was on call when the database was last asked; before that, `[alerts] numbers`."""

    conversation: Conversation
    sender: Sender
    channels: Channels
    _on_call: tuple[str, ...] = ()
    _looked: datetime | None = None
    _rung: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Remember who is on call now, while the database can say it."""
        now, clinic = self.conversation.clock.now(), self.conversation.content.clinic
        if self._looked and self._looked <= now < self._looked + LOOK_AGAIN:
            return
        try:
            with self.conversation.database.reading() as session:
                found = roster(session, clinic.alerts.numbers, now, clinic.zone)
        except SQLAlchemyError as error:
            log.error("who is on call could not be read: %s", where(error))
            return
        self._on_call = tuple(phone.number for phone in found.on_duty or found.everyone)
        self._looked = now

    def raise_once(self, name: str, level: str) -> None:
        """Tell everybody on call of the entry `name`. Once, but for those the carrier did not take.

        After a restart it may be told twice: a second copy harms nobody, none may.
        """
        words = self._words(level)
        if name not in self._rung:
            log.critical("%s waits on disk and is %s: the database is away", name, level)
            self.channels.tell(self.conversation.content.clinic.short_name, words)
            self._rung.add(name)
        for number in self._on_call or self.conversation.content.clinic.alerts.numbers:
            if f"{name} {number}" not in self._rung and self._text(number, words):
                self._rung.add(f"{name} {number}")

    def _words(self, level: str) -> str:
        content = self.conversation.content
        link = f"{self.conversation.public_url}/console"
        language = content.clinic.languages[0]
        return content.reply("staff_alert_away", language, level=level, link=link)

    def _text(self, number: str, words: str) -> bool:
        """Whether the carrier may have it."""
        alert = Outgoing(number, words, secrets.token_urlsafe(16), MAX_VALIDITY)
        return not isinstance(self.sender.send_text(alert), TryAgain)
