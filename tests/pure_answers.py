"""What is pure and takes most of the time of a simulated text is asked once for each text."""

from service.content import Content
from service.conversation import receive, unaided
from service.conversation.heard import Understood
from service.conversation.understand import understand
from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import Assessment


def remember_pure_answers() -> None:
    """From now on triage and the word lists are asked once for each text, in this process."""
    assessed: dict[tuple[str, str, str, str], Assessment] = {}
    understood: dict[str, Understood] = {}

    def remembered(body: str, lexicon: Lexicon, *, language: str, channel: str) -> Assessment:
        key = (body, lexicon.version, language, channel)
        if key not in assessed:
            assessed[key] = assess(body, lexicon, language=language, channel=channel)
        return assessed[key]

    def understood_before(body: str, content: Content) -> Understood:
        if body not in understood:
            understood[body] = understand(body, content)
        return understood[body]

    for module in (receive, unaided):
        module.assess = remembered  # type: ignore[attr-defined]
        module.understand = understood_before  # type: ignore[attr-defined]
