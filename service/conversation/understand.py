"""Understand what a message asks for, by the clinic's word lists. Pure; says nothing of symptoms."""

from collections.abc import Mapping

from service.content import Content, Intent, fold
from service.conversation.heard import Understood
from service.triage.faq import match_question


def understand(text: str, content: Content) -> Understood:
    """What `text` asks for, in whichever language. Words of both languages are heard from everybody."""
    by_language: dict[str, frozenset[Intent]] = {
        language: hears.intents(text) for language, hears in content.hears.items()
    }
    intents = frozenset[Intent]().union(*by_language.values())
    asks = {
        key: [ask for faq in content.faqs.values() for ask in faq[key].asks]
        for key in content.faqs[content.clinic.languages[0]]
    }
    return Understood(
        intents=intents,
        language=_surely(by_language) or _by_common_words(text, content),
        question=match_question(text, asks),
    )


def intents_of(text: str, content: Content) -> frozenset[Intent]:
    """Only what `text` asks the line to do."""
    return frozenset[Intent]().union(*(each.intents(text) for each in content.hears.values()))


def _surely(by_language: Mapping[str, frozenset[Intent]]) -> str | None:
    """The one language whose lists know the message; None when both or neither do."""
    knowing = [language for language, intents in by_language.items() if intents]
    return knowing[0] if len(knowing) == 1 else None


def _by_common_words(text: str, content: Content) -> str | None:
    """The language whose common words stand in the text clearly more often; None when unsure."""
    said = fold(text).split()
    counts = {
        language: sum(word in hears.tells for word in said)
        for language, hears in content.hears.items()
    }
    first, second = sorted(counts, key=lambda language: -counts[language])[:2]
    sure = counts[first] >= 2 * counts[second] + 1 and counts[first] >= min(2, len(said))
    return first if sure else None
