"""Whether a caller's number can get texts, asked of the carrier while the caller listens to the menu."""

from typing import Protocol

from service.conversation.receive import Conversation
from service.patients.find import thread_of
from service.patients.models import Thread


class LineTypes(Protocol):
    """Who knows what kind of line a number is."""

    def line_type(self, number: str) -> str | None:
        """`mobile`, `landline`, ... of an E.164 number; None when it is not to be had."""


def learn_line_type(conversation: Conversation, line_types: LineTypes, number: str | None) -> None:
    """Look up a caller who is new to us, where clinic.toml says so; once, unless it fails.

    No transaction is open while the carrier is asked.
    """
    if number is None or not conversation.content.clinic.calls.look_up_line_type:
        return
    with conversation.database.reading() as session:
        thread = thread_of(session, conversation.database.keyring, number)
    if thread is None or thread.line_type is not None:
        return
    kind = line_types.line_type(number)
    if kind is not None:
        with conversation.database.transaction() as session:
            session.get_one(Thread, thread.id, with_for_update=True).line_type = kind
