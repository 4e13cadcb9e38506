"""Somebody on the telephone: rings the line and follows its TwiML, as the carrier would."""

import itertools
from typing import Self
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from service.wording import fold
from tests.line import ANN, LINE, TestLine
from tests.voice.grammar import faults

_sids = itertools.count(1)


class Caller:
    """One call. `heard` is what the line said last; every document is checked against the grammar."""

    def __init__(self, line: TestLine, number: str = ANN, *, token: str = "") -> None:
        self.line = line
        self.number = number
        self.sid = f"CA{next(_sids):032x}"
        self.token = token
        self.status = "in-progress"
        self.root: Element = ElementTree.Element("Response")
        self.sent: list[tuple[str, dict[str, str]]] = []

    def ring(self, **more: str) -> Self:
        """Let the line pick up; or pick up, when the line rings."""
        path = f"/twilio/voice/tip?m={self.token}" if self.token else "/twilio/voice"
        return self.post(path, **more)

    def post(self, path: str, **more: str) -> Self:
        form = self.form(**more)
        self.sent.append((path, form))
        status, body = self.line.ask(path, form)
        assert status == 200, status
        assert faults(body) == [], body
        self.root = ElementTree.fromstring(body)
        return self

    def form(self, **more: str) -> dict[str, str]:
        ours, theirs = (LINE, self.number) if self.token else (self.number, LINE)
        return {
            "CallSid": self.sid,
            "AccountSid": "AC" + "1" * 32,
            "ApiVersion": "2010-04-01",
            "From": ours,
            "To": theirs,
            "CallStatus": self.status,
            "Direction": "outbound-api" if self.token else "inbound",
        } | more

    def press(self, keys: str) -> Self:
        return self.post(self._action("Gather"), Digits=keys)

    def say(self, words: str, confidence: str = "0.9") -> Self:
        return self.post(self._action("Gather"), SpeechResult=words, Confidence=confidence)

    def silence(self) -> Self:
        if self.waits_for == "Record":
            redirect = self.root.find("Redirect")
            assert redirect is not None
            assert redirect.text
            return self.post(redirect.text)
        return self.post(self._action("Gather"))

    def record(self, seconds: int = 7, sid: str = "") -> str:
        """Leave a message; the recording's id."""
        sid = sid or f"RE{next(_sids):032x}"
        url = f"https://api.twilio.com/2010-04-01/Accounts/AC{'1' * 32}/Recordings/{sid}"
        self.post(
            self._action("Record"),
            RecordingUrl=url,
            RecordingDuration=str(seconds),
            Digits="#",
        )
        return sid

    def recorded(self, sid: str, seconds: int = 7, source: str = "RecordVerb") -> int:
        """The carrier's word that the recording is there."""
        return self.line.post(
            "/twilio/voice/recording",
            self.form(
                RecordingSid=sid,
                RecordingStatus="completed",
                RecordingDuration=str(seconds),
                RecordingSource=source,
            ),
        )

    def transcribed(self, sid: str, words: str, status: str = "completed") -> int:
        """The transcript of a recording."""
        form = self.form(
            RecordingSid=sid,
            TranscriptionSid="TR" + sid[2:],
            TranscriptionText=words,
            TranscriptionStatus=status,
        )
        return self.line.post("/twilio/voice/transcription", form)

    def dialled(self, status: str, bridged: str = "") -> Self:
        more = {"DialBridged": bridged} if bridged else {}
        return self.post(self._action("Dial"), DialCallStatus=status, **more)

    def hang_up(self, status: str = "completed") -> int:
        self.status = status
        path = "/twilio/voice/status" + (f"?m={self.token}" if self.token else "")
        return self.line.post(path, self.form())

    def again(self, place: int = -1) -> str:
        """The webhook at `place` of this call once more; the document that is answered."""
        path, form = self.sent[place]
        return self.line.ask(path, form)[1]

    def _action(self, verb: str) -> str:
        found = self.root.find(verb)
        assert found is not None, f"nothing waits for that: {self.waits_for}"
        return found.attrib["action"]

    @property
    def heard(self) -> str:
        """All that was just said."""
        return " ".join((each.text or "") for each in self.root.iter("Say"))

    @property
    def waits_for(self) -> str:
        """Gather, Record, Dial or Hangup."""
        for verb in ("Gather", "Record", "Dial", "Hangup"):
            if self.root.find(verb) is not None:
                return verb
        return ""

    def hears(self, key: str, language: str = "en", **params: str) -> bool:
        """Whether the line `key` of voice.toml was just said."""
        return fold(self.line.content.voice(key, language, **params)) in fold(self.heard)
