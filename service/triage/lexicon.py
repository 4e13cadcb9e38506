"""The clinician's word list, compiled once and then only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pydantic import ValidationError

from service.errors import ContentError
from service.triage.entries import REPLIES, Approval, Combination, RedFlags, Sign, Vocabulary
from service.triage.inflect import spelled_out
from service.triage.patterns import BadPattern, Element, Pattern, Reading, find, literal, parse
from service.triage.phrases import PhraseTree
from service.triage.rules import Level
from service.triage.spelling import Corrector
from service.triage.words import plain

_SYNTAX = frozenset("[](|)~&*+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One wording of one sign; a false friend is a wording that calls the sign off."""

    sign: str
    pattern: Pattern
    false_friend: bool = False


@dataclass(slots=True)
class Lexicon:
    """`red_flags.toml`, ready to be matched."""

    version: str
    approval: Approval
    signs: dict[str, Sign]
    combinations: tuple[Combination, ...]
    vocabulary: dict[str, Vocabulary]
    hides: dict[str, tuple[str, ...]]
    symptoms: frozenset[str]
    sensations: frozenset[str]
    tree: PhraseTree
    spelling: Corrector
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    """Rules by a name that must be mentioned for the rule to have a chance."""

    def candidates(self, mentioned: Mapping[str, object]) -> Iterator[Rule]:
        """Each rule that could hold in a text that mentions these names, once."""
        for name in mentioned:
            yield from self.rules.get(name, ())


def compile_lexicon(data: Mapping[str, object]) -> Lexicon:
    """Compile parsed `red_flags.toml`; raises ContentError naming every bad entry."""
    try:
        flags = RedFlags.model_validate(data)
    except ValidationError as error:
        raise ContentError(
            [f"red_flags.toml: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        ) from error
    return _Compiler(flags).compile()


class _Compiler:
    def __init__(self, flags: RedFlags) -> None:
        self.flags = flags
        self.tree = PhraseTree()
        self.problems: list[str] = []
        self.rules: list[Rule] = []

    def compile(self) -> Lexicon:
        """Read every entry, then refuse the file if anything in it could not work."""
        flags = self.flags
        known = flags.vocabulary | flags.context
        for name, entry in known.items():
            self._vocabulary(name, entry)
        for key, sign in flags.signs.items():
            self._sign(key, sign, known)
        self._combinations()
        self._unused(known)
        lexicon = Lexicon(
            version=flags.version,
            approval=flags.approval,
            signs=flags.signs,
            combinations=flags.combinations,
            vocabulary=known,
            hides={name: entry.hides for name, entry in known.items() if entry.hides},
            symptoms=frozenset(self.flags.vocabulary),
            sensations=frozenset(k for k, v in self.flags.vocabulary.items() if not v.part),
            tree=self.tree,
            spelling=Corrector(
                flags.spelling.words,
                flags.spelling.means,
                flags.spelling.look_alikes,
                [*self.tree.words, *(stem.removesuffix("*") for stem in self.tree.stems)],
                flags.spelling.heard,
            ),
        )
        self._index(lexicon)
        self._unreachable()
        if self.problems:
            raise ContentError(self.problems)
        return lexicon

    def _learn(self, words: str) -> str:
        """Teach the tree a pattern's own words."""
        name = literal(" ".join(words.split()))
        self._add(words, name)
        return name

    def _add(self, words: str, name: str) -> None:
        """Teach the tree a phrase, in all forms of the verbs that ask for it."""
        for phrase in spelled_out(words.split()):
            self.tree.add([_plain(word) for word in phrase], name)

    def _vocabulary(self, name: str, entry: Vocabulary) -> None:
        for phrase in entry.phrases():
            words = [_plain(word) for word in phrase.split()]
            if not words or not all(words):
                self.problems.append(f"vocabulary {name}: {phrase!r} has no words")
            else:
                self._add(phrase, name)

    def _sign(self, key: str, sign: Sign, known: Mapping[str, Vocabulary]) -> None:
        if REPLIES.get(sign.reply) != sign.level:
            self.problems.append(f"sign {key}: reply {sign.reply!r} does not fit {sign.level}")
        if not tuple(sign.wordings()):
            self.problems.append(f"sign {key}: has no wording, so it can never be found")
        both = set(sign.wordings()) & set(sign.false_friends)
        self.problems.extend(f"sign {key}: {w!r} is both wording and false friend" for w in both)
        for wording in sign.wordings():
            self._rule(key, wording, known, false_friend=False)
        for wording in sign.false_friends:
            self._rule(key, wording, known, false_friend=True)

    def _rule(
        self, key: str, wording: str, known: Mapping[str, Vocabulary], *, false_friend: bool
    ) -> None:
        try:
            pattern = parse(wording, self._learn)
        except BadPattern as error:
            self.problems.append(f"sign {key}: {wording!r}: {error}")
            return
        for name in pattern.names():
            if not name.startswith("=") and name not in known:
                self.problems.append(f"sign {key}: {wording!r} names unknown vocabulary {name!r}")
        self.rules.append(Rule(key, pattern, false_friend))

    def _combinations(self) -> None:
        for combination in self.flags.combinations:
            keys = [key for choice in combination.signs for key in choice.split("|")]
            for key in keys:
                if key not in self.flags.signs:
                    self.problems.append(f"combination {combination.name!r}: no sign {key!r}")
            levels = [self.flags.signs[key].level for key in keys if key in self.flags.signs]
            if combination.level.rank <= Level.REVIEW.rank or any(
                level.at_least(combination.level) for level in levels
            ):
                self.problems.append(
                    f"combination {combination.name!r}: raises nothing above its signs"
                )

    def _unused(self, known: Mapping[str, Vocabulary]) -> None:
        asked = {name for rule in self.rules for name in rule.pattern.names()}
        for name in known:
            if name not in asked and name not in self.flags.context:
                self.problems.append(f"vocabulary {name}: no sign asks for it")

    def _unreachable(self) -> None:
        """Refuse a plain wording that its own sign's false friends always call off."""
        friends: dict[str, list[Pattern]] = {}
        for rule in self.rules:
            if rule.false_friend:
                friends.setdefault(rule.sign, []).append(rule.pattern)
        for rule in self.rules:
            words = rule.pattern.source.split()
            if rule.false_friend or any(set(word) & _SYNTAX for word in words):
                continue
            reading = self._sounded(words)
            for span in find(rule.pattern, reading):
                for friend in friends.get(rule.sign, ()):
                    if any(span.overlaps(other) for other in find(friend, reading)):
                        self.problems.append(
                            f"sign {rule.sign}: {rule.pattern.source!r} can never be found, "
                            f"false friend {friend.source!r} covers it"
                        )

    def _sounded(self, words: Sequence[str]) -> Reading:
        """A wording read as if a patient had sent just that."""
        plain_words = [plain(word) for word in words]
        fresh = [i == 0 for i in range(len(words))]
        mentions = self.tree.find(plain_words, fresh)
        small = {s.first for s in mentions.get("small", ()) if s.last == s.first + 1}
        size = range(len(words))
        return Reading(
            mentions,
            [0] * len(words),
            [0] * len(words),
            [i in small for i in size],
            [False] * len(words),
        )

    def _index(self, lexicon: Lexicon) -> None:
        uses: dict[str, int] = {}
        for rule in self.rules:
            for name in rule.pattern.names():
                uses[name] = uses.get(name, 0) + 1
        for rule in self.rules:
            for name in _rarest(rule.pattern, uses).names:
                lexicon.rules.setdefault(name, []).append(rule)


def _rarest(pattern: Pattern, uses: Mapping[str, int]) -> Element:
    elements = [element for chain in pattern.chains for element in chain]
    return min(elements, key=lambda element: sum(uses[name] for name in element.names))


@cache
def _plain(word: str) -> str:
    """A lexicon word as the tree keeps it; a trailing `*` stays."""
    return plain(word) + "*" if word.endswith("*") else plain(word) or word
