"""Turn a script into TwiML. Elements and attributes: www.twilio.com/docs/voice/twiml .

Addresses in a document hold the step's number and nothing else: Twilio logs them as free of personal data.
"""

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from service.conversation import voice
from service.conversation.voice import Script

VOICES = {"en": ("en-US", "Polly.Joanna"), "es": ("es-US", "Polly.Lupe")}
LONGEST_SAY = 4096
LONGEST_MESSAGE = 119  # seconds: what is transcribed must be shorter than 120
STEP = "/twilio/voice/step"
RECORDING, TRANSCRIPTION = "/twilio/voice/recording", "/twilio/voice/transcription"
WHISPER = "/twilio/voice/whisper"
THANKS = "/twilio/voice/thanks"


def document(script: Script, turn: int, *, action: str | None = None) -> str:
    """The document that says the script and posts what comes next to step `turn` (or `action`)."""
    response = VoiceResponse()
    then, target = script.then, action or f"{STEP}?n={turn}"
    match then:
        case voice.Gather():
            if then.record:
                _start_recording(response)
            response.append(_gather(script, then, target))
        case voice.Record():
            speak(response, script)
            _record(response, then, target)
        case voice.Ring():
            speak(response, script)
            response.append(_dial(then, target))
        case voice.HangUp():
            speak(response, script)
            response.hangup()
    return str(response)


def speak(place: VoiceResponse | Gather, script: Script) -> None:
    """Say each line in its language."""
    for language, text in script.say:
        locale, name = VOICES[language]
        place.say(  # type: ignore[no-untyped-call]
            text[:LONGEST_SAY], language=locale, voice=name
        )


def whisper(script: Script) -> str:
    """What whoever picks up hears first: without their key the call is not connected."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=8, action=f"{WHISPER}?accept=1", method="POST")
    speak(gather, script)
    response.append(gather)
    response.hangup()
    return str(response)


def accepted(pressed: str) -> str:
    """1 connects (the document ends); anything else lets go of the one who picked up."""
    response = VoiceResponse()
    if pressed != "1":
        response.hangup()
    return str(response)


def _gather(script: Script, then: voice.Gather, target: str) -> Gather:
    locale, _ = VOICES[script.language]
    words = {"input": "dtmf speech", "speech_timeout": "auto"} if then.speech else {"input": "dtmf"}
    gather = Gather(
        action=target,
        method="POST",
        num_digits=then.digits,
        timeout=then.seconds,
        finish_on_key="" if then.digits == 1 else "#",
        language=locale,
        action_on_empty_result=True,
        **words,
    )
    speak(gather, script)
    return gather


def _start_recording(response: VoiceResponse) -> None:
    response.start().recording(
        recording_status_callback=RECORDING,
        recording_status_callback_event="completed",
        channels="mono",
        track="inbound",
    )


def _record(response: VoiceResponse, then: voice.Record, target: str) -> None:
    """A silent caller is sent on by the redirect: <Record> asks for nothing when nothing was said."""
    words = {"transcribe": True, "transcribe_callback": TRANSCRIPTION} if then.transcribe else {}
    response.record(
        action=target,
        method="POST",
        max_length=LONGEST_MESSAGE,
        timeout=5,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=RECORDING,
        recording_status_callback_event="completed absent",
        **words,
    )
    response.redirect(target, method="POST")


def _dial(then: voice.Ring, target: str) -> Dial:
    shown = {"caller_id": then.caller_id} if then.caller_id else {}
    first = {"url": WHISPER, "method": "POST"} if then.whisper else {}
    dial = Dial(action=target, method="POST", timeout=then.seconds, answer_on_bridge=True, **shown)
    dial.number(then.number, **first)
    return dial
