"""Live calls of the simulated carrier: fetches TwiML, says it, and waits for what the person does.

Semantics: www.twilio.com/docs/voice/twiml . Verbs run top-down; <Gather>, <Record> and <Dial> wait; the
end of a document hangs up; a document that cannot be fetched or read is asked for at the fallback address.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from service.simulator import voices
from service.simulator.ledger import Ledger
from service.simulator.live import Live, callback_of, offer
from service.simulator.records import API_VERSION, Call, Recording, new_sid
from service.simulator.webhooks import Form, Post, Unreachable, send

MOST_FETCHES = 80  # a loop in the line's documents ends here
HIDDEN = "anonymous"

Job = Callable[[], None]


@dataclass
class Exchange:
    """Carries calls. Its methods run one after another, in the carrier's own thread."""

    account_sid: str
    auth_token: str = field(repr=False)
    line_number: str
    public_url: str
    ledger: Ledger
    post: Post
    live: dict[str, Live] = field(default_factory=dict)

    def ring_line(self, call: Call, phone: str) -> None:
        """Somebody rings the line."""
        url = f"{self.public_url}/twilio/voice"
        live = Live(call, phone, url, f"{url}/status")
        self._begin(live)
        self._fetch(live, url, {})

    def ring_phone(self, call: Call, url: str) -> Live:
        """The line rings somebody: it rings until it is answered or left."""
        live = Live(call, call.to, url, call.receipt_url)
        self._begin(live, "ringing", {"kind": "ring"})
        return live

    def answer(self, sid: str, answered_by: str = "human") -> None:
        """Somebody, or a machine, picks up."""
        live = self.live.get(sid)
        if live is None or live.waits.get("kind") != "ring":
            return
        self._wait(live, {}, "in-progress")
        if live.parent is None:
            self._fetch(live, live.base, {"AnsweredBy": answered_by})
        elif live.base:
            self._fetch(live, live.base, {})
        else:
            self._bridge(live)

    def leave(self, sid: str, status: str = "no-answer") -> None:
        """Nobody picks up, or the call is declined."""
        live = self.live.get(sid)
        if live is not None and live.waits.get("kind") == "ring":
            self._end(live, status)

    def press(self, sid: str, keys: str) -> None:
        """Keys are pressed: they end a recording, or answer a question."""
        live = self.live.get(sid)
        if live is None or live.verb is None:
            return
        if live.verb.tag == "Gather" and "dtmf" in live.verb.get("input", "dtmf"):
            finish = live.verb.get("finishOnKey", "#")
            self._act(live, {"Digits": keys.rstrip(finish) if finish else keys})

    def speak(self, sid: str, words: str, confidence: float = 0.9) -> None:
        """Words are said."""
        live = self.live.get(sid)
        if live is None or live.verb is None or live.verb.tag != "Gather":
            return
        live.words.append(words)
        if "speech" in live.verb.get("input", "dtmf"):
            self._act(live, {"SpeechResult": words, "Confidence": str(confidence)})
        else:
            self.be_silent(sid)

    def be_silent(self, sid: str) -> None:
        """Nothing is said: the document goes on, or the question hears of it."""
        live = self.live.get(sid)
        if live is None or live.verb is None:
            return
        if live.verb.tag == "Gather" and live.verb.get("actionOnEmptyResult") == "true":
            self._act(live, {})
        elif live.verb.tag in ("Gather", "Record"):
            self._go_on(live)

    def record(self, sid: str, words: str, audio: bytes | None) -> None:
        """A message is left: said into a file, or typed, which is made audible as a hum."""
        live = self.live.get(sid)
        if live is None or live.verb is None or live.verb.tag != "Record":
            return
        verb = live.verb
        recording = self._keep(live, audio or voices.hum(words), "RecordVerb")
        seconds = str(recording.seconds)
        url = f"https://api.twilio.com/{API_VERSION}/Accounts/{self.account_sid}/Recordings/"
        told = {"RecordingSid": recording.sid, "RecordingUrl": url + recording.sid}
        self._act(live, told | {"RecordingDuration": seconds, "Digits": "#"})
        self._tell_of(live, verb.get("recordingStatusCallback", ""), recording)
        if verb.get("transcribe") == "true":
            self._transcribe(live, verb.get("transcribeCallback", ""), told, words)

    def hang_up(self, sid: str) -> None:
        """Whoever is on the page hangs up."""
        if live := self.live.get(sid):
            self._end(live, "completed")

    def _begin(
        self, live: Live, status: str = "in-progress", waits: dict[str, object] | None = None
    ) -> None:
        with self.ledger.change():
            live.call.status, live.waits = status, waits or {}
            self.live[live.call.sid] = live
            self.ledger.calls[live.call.sid] = live.call

    def _act(self, live: Live, fields: Form) -> None:
        verb = live.verb
        if verb is not None:
            self._wait(live, {})
            self._fetch(live, urljoin(live.base, verb.get("action", live.base)), fields)

    def _fetch(self, live: Live, url: str, fields: Form) -> None:
        live.fetches += 1
        error, verbs = self._document(live, url, fields)
        if error:
            fallback = f"{self.public_url}/twilio/voice/fallback"
            url, told = fallback, {"ErrorCode": error, "ErrorUrl": url}
            error, verbs = self._document(live, fallback, told)
        if error or live.fetches > MOST_FETCHES:
            live.said.append({"lang": "en", "text": "We are sorry, an application error occurred."})
            self._end(live, "completed")
            return
        live.base, live.verbs = url, verbs
        self._go_on(live)

    def _document(self, live: Live, url: str, fields: Form) -> tuple[str, list[Element]]:
        try:
            answer = send(self.post, self.auth_token, url, self._form(live) | fields)
            root = ElementTree.fromstring(answer.body) if answer.status == 200 else None  # noqa: S314
        except Unreachable:
            return "11205", []
        except ElementTree.ParseError:
            return "12100", []
        if root is None:
            return "11200", []
        return ("", list(root)) if root.tag == "Response" else ("12200", [])

    def _go_on(self, live: Live) -> None:
        self._wait(live, {})
        while live.verbs:
            verb = live.verbs.pop(0)
            match verb.tag:
                case "Say":
                    self._say(live, verb)
                case "Start":
                    live.keeps = callback_of(verb)
                case "Gather" | "Record":
                    for each in verb.iter("Say"):
                        self._say(live, each)
                    live.verb = verb
                    return self._wait(live, offer(verb))
                case "Dial":
                    return self._dial(live, verb)
                case "Redirect":
                    return self._fetch(live, urljoin(live.base, (verb.text or "").strip()), {})
                case "Hangup" | "Reject":
                    return self._end(live, "busy" if verb.tag == "Reject" else "completed")
        return self._bridge(live) if live.parent else self._end(live, "completed")

    def _say(self, live: Live, verb: Element) -> None:
        with self.ledger.change():
            text = " ".join((verb.text or "").split())
            live.said.append({"lang": verb.get("language", "en-US"), "text": text})

    def _wait(self, live: Live, waits: dict[str, object], status: str = "") -> None:
        with self.ledger.change():
            live.waits = waits
            live.call.status = status or live.call.status
            if not waits:
                live.verb = None

    def _dial(self, live: Live, verb: Element) -> None:
        """Ring the other phone; it hears the whisper first."""
        live.verb = verb
        self._wait(live, {"kind": "dial"})
        live.verb = verb
        number = verb.find("Number")
        if number is None or not number.text:
            return self._act(live, {"DialCallStatus": "failed"})
        now = self.ledger.clock.now()
        shown = verb.get("callerId", live.call.sender)
        call = Call(new_sid("CA"), shown, number.text.strip(), now, now)
        whisper = number.get("url", "")
        child = Live(call, call.to, urljoin(live.base, whisper) if whisper else "", "", parent=live)
        with self.ledger.change():
            self.ledger.phone_at(call.to)
        self._begin(child, "ringing", {"kind": "ring"})
        return None

    def _bridge(self, child: Live) -> None:
        self._wait(child, {"kind": "bridged"})
        if child.parent:
            self._wait_keeping(child.parent, {"kind": "bridged"})

    def _wait_keeping(self, live: Live, waits: dict[str, object]) -> None:
        with self.ledger.change():
            live.waits = waits

    def _end(self, live: Live, status: str) -> None:
        bridged = live.waits.get("kind") == "bridged"
        now = self.ledger.clock.now()
        with self.ledger.change():
            self.live.pop(live.call.sid, None)
            live.call.status, live.call.updated, live.call.ended = status, now, now
            live.waits, live.verb = {}, live.verb if live.parent is None else None
        for child in [each for each in self.live.values() if each.parent is live]:
            child.parent = None
            self._end(child, "completed" if bridged else "canceled")
        if live.keeps:
            heard = self._keep(live, voices.hum(" ".join(live.words)), "StartCallRecordingTwiML")
            self._tell_of(live, live.keeps, heard)
        if live.end_url:
            self._post_only(live, live.end_url, {"CallDuration": "1"})
        if live.parent and live.parent.call.sid in self.live:
            told = {"DialCallStatus": status, "DialBridged": str(bridged).lower()}
            self._act(live.parent, told)

    def _keep(self, live: Live, audio: bytes, source: str) -> Recording:
        now = self.ledger.clock.now()
        sid, seconds = new_sid("RE"), voices.seconds(audio)
        recording = Recording(sid, live.call.sid, audio, seconds, source, now)
        with self.ledger.change():
            self.ledger.recordings[sid] = recording
        return recording

    def _tell_of(self, live: Live, callback: str, recording: Recording) -> None:
        told = {
            "RecordingSid": recording.sid,
            "RecordingStatus": "completed",
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": "1",
            "RecordingSource": recording.source,
        }
        if callback:
            self._post_only(live, urljoin(live.base, callback), told)

    def _transcribe(self, live: Live, callback: str, told: Form, words: str) -> None:
        done = {"TranscriptionSid": new_sid("TR"), "TranscriptionText": words}
        done["TranscriptionStatus"] = "completed" if words else "failed"
        if callback:
            self._post_only(live, urljoin(live.base, callback), told | done)

    def _post_only(self, live: Live, url: str, fields: Form) -> None:
        try:
            send(self.post, self.auth_token, url, self._form(live) | fields)
        except Unreachable:
            return

    def _form(self, live: Live) -> Form:
        call = live.call
        return {
            "CallSid": call.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "From": call.sender,
            "To": call.to,
            "CallStatus": call.status,
            "Direction": call.direction,
        }
