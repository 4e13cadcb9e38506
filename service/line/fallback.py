"""Documents that Twilio can host by itself, as TwiML Bins, for when the service cannot be reached.

`backtalk fallback` prints them. A Bin knows no languages and no callers: it says both languages, takes a
message, and lets the service fetch the message when it is back. A <Record> must lead to another
document, or it would ask for the same one again: that is the second Bin.
"""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from service.content import Content
from service.conversation.voice import HangUp, Script
from service.line import twiml

AFTER = "https://handler.twilio.com/twiml/PUT-THE-ID-OF-THE-SECOND-BIN-HERE"


def voice_bin(content: Content, after: str = AFTER) -> str:
    """What a caller hears: apology, 911, then a message can be left. `after` is the second Bin."""
    response = VoiceResponse()
    languages = content.clinic.languages
    keys = ("greeting", "trouble", "voicemail_prompt")
    say = [(each, content.voice(key, each)) for each in languages for key in keys]
    twiml.speak(response, Script(tuple(say), languages[0], HangUp()))
    response.record(
        action=after, method="POST", max_length=twiml.LONGEST_MESSAGE, finish_on_key="#"
    )
    response.redirect(after, method="POST")
    return str(response)


def after_bin(content: Content) -> str:
    """What a caller hears after leaving a message."""
    response = VoiceResponse()
    keys = ("voicemail_thanks", "goodbye")
    say = [(each, content.voice(key, each)) for each in content.clinic.languages for key in keys]
    twiml.speak(response, Script(tuple(say), content.clinic.languages[0], HangUp()))
    response.hangup()
    return str(response)


def text_bin(content: Content) -> str:
    """What a texter reads."""
    response = MessagingResponse()
    for language in content.clinic.languages:
        response.message(content.reply("out_of_order", language))
    return str(response)
