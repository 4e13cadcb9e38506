"""What the line says and hears: `messages/`, loaded once at the start and checked like code."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import PrivateAttr, ValidationError

from service import content_checks as checks
from service.content_clinic import Clinic
from service.content_facts import site_facts, standing
from service.content_models import (
    FaqEntry,
    Hears,
    Intent,
    Language,
    Program,
    Reply,
    Shape,
    SiteWords,
    Spoken,
    Step,
    Words,
)
from service.content_site import headings, refuse_site
from service.errors import ContentError
from service.wording import fill, fold, placeholders, segments

__all__ = [
    "Clinic",
    "Content",
    "FaqEntry",
    "Hears",
    "Intent",
    "Program",
    "Step",
    "fold",
    "load",
    "segments",
]

T = TypeVar("T")
# The field of Content that each file of a language is kept in.
FILES: Final = {
    "replies": "replies.toml",
    "spoken": "voice.toml",
    "programs": "program.toml",
    "faqs": "faq.toml",
    "reports": "report.md",
    "sites": "site.toml",
    "terms": "terms.md",
    "privacy": "privacy.md",
    "templates": "staff.toml",
}
SHARED: Final = ("clinic", "hears", "red_flags")


class Content(Shape):
    """Everything in `messages/`; made by `load`, never changed."""

    clinic: Clinic
    hears: Mapping[Language, Hears]
    red_flags: Mapping[str, object]
    replies: Mapping[Language, Mapping[str, Reply]]
    spoken: Mapping[Language, Mapping[str, Spoken]]
    programs: Mapping[Language, Program]
    faqs: Mapping[Language, Mapping[str, FaqEntry]]
    reports: Mapping[Language, str]
    sites: Mapping[Language, Mapping[str, Words]]
    terms: Mapping[Language, str]
    privacy: Mapping[Language, str]
    templates: Mapping[Language, Mapping[str, Reply]]
    _filled: dict[str, tuple[Program, Clinic, Program]] = PrivateAttr(default_factory=dict)

    def reply(self, key: str, language: str, **params: str) -> str:
        """The text called `key`; `params` fill in what the clinic's own data does not.

        Raises ContentError for an unknown key or language and for params that do not fit the
        text: each is a mistake in the program, none is a patient's.
        """
        replies = _of(self.replies, language)
        return _filled(replies, key, standing(self.clinic, language), params)

    def voice(self, key: str, language: str, **params: str) -> str:
        """What is said on the telephone for `key`; raises ContentError as `reply` does."""
        lines = _of(self.spoken, language)
        return _filled(lines, key, standing(self.clinic, language, spoken=True), params)

    def program(self, language: str) -> Program:
        """The tips in order, their texts filled in; `Program.message(step)` is what is sent."""
        program = _of(self.programs, language)
        kept = self._filled.get(language)
        if kept is None or kept[0] is not program or kept[1] is not self.clinic:
            kept = (program, self.clinic, _filled_program(program, self.clinic, language))
            self._filled[language] = kept
        return kept[2]

    def faq(self, language: str) -> Mapping[str, FaqEntry]:
        """The questions patients ask and our answers, filled in."""
        known = standing(self.clinic, language)
        return {
            key: entry.model_copy(update={"answer": fill(entry.answer, known)})
            for key, entry in _of(self.faqs, language).items()
        }

    def for_staff(self, language: str) -> Mapping[str, Reply]:
        """The texts that staff begin from when they write by hand, filled in."""
        known = standing(self.clinic, language)
        return {
            key: each.model_copy(update={"text": fill(each.text, known)})
            for key, each in _of(self.templates, language).items()
        }

    def report(self, language: str) -> str:
        """The printed report's text as Markdown, filled in."""
        return fill(_of(self.reports, language), standing(self.clinic, language))

    def site(self, language: str, phone: str) -> SiteWords:
        """The words of the public page, its terms and privacy notice, filled in.

        `phone` is the line's number as people write it, from the settings.
        """
        known = site_facts(self.clinic, _of(self.programs, language), language, phone)
        return SiteWords(
            words={key: fill(text, known) for key, text in _of(self.sites, language).items()},
            terms=fill(_of(self.terms, language), known),
            privacy=fill(_of(self.privacy, language), known),
        )


def load(directory: Path) -> Content:
    """Read and check `directory`; raises ContentError naming every problem, file and key."""
    raw = _read_all(directory)
    try:
        content = Content.model_validate(raw)
    except ValidationError as misfit:
        raise ContentError([_in_words(error) for error in misfit.errors()]) from None
    if problems := list(_problems(content)):
        raise ContentError(problems)
    return content


def _of(by_language: Mapping[Language, T], language: str) -> T:
    for known, value in by_language.items():
        if known == language:
            return value
    raise ContentError([f"messages/ has no language {language!r}"])


def _filled(
    texts: Mapping[str, Reply] | Mapping[str, Spoken],
    key: str,
    known: Mapping[str, str],
    params: Mapping[str, str],
) -> str:
    if (entry := texts.get(key)) is None:
        raise ContentError([f"no text is called {key}"])
    if (given := set(params)) != (wanted := placeholders(entry.text) - set(known)):
        wants, got = (", ".join(sorted(names)) or "nothing" for names in (wanted, given))
        raise ContentError([f"{key} takes {wants}, was given {got}"])
    return fill(entry.text, {**known, **params})


def _filled_program(program: Program, clinic: Clinic, language: str) -> Program:
    known = standing(clinic, language) | {"count": str(len(program.steps))}
    steps = tuple(
        _filled_step(step, known | {"number": str(number)})
        for number, step in enumerate(program.steps, start=1)
    )
    return program.model_copy(update={"steps": steps, "footer": fill(program.footer, known)})


def _filled_step(step: Step, known: dict[str, str]) -> Step:
    texts = {"text": step.text, "more": step.more, "spoken": step.spoken}
    update: dict[str, str] = {name: fill(text, known) for name, text in texts.items()}
    if step.check_in is not None:
        update["check_in"] = fill(step.check_in, known)
    return step.model_copy(update=update)


def _read_all(directory: Path) -> dict[str, Any]:
    """Every file as it stands, parsed; raises ContentError naming all that cannot be read."""
    problems: list[str] = []
    raw: dict[str, Any] = {name: _read(directory, f"{name}.toml", problems) for name in SHARED}
    languages = raw["clinic"].get("languages") if isinstance(raw["clinic"], dict) else None
    if not isinstance(languages, list):
        languages = []  # the shape of clinic.toml says what is wrong with it
    for field, file in FILES.items():
        raw[field] = {
            language: _read(directory, f"{language}/{file}", problems) for language in languages
        }
    if problems:
        raise ContentError(problems)
    return raw


def _read(directory: Path, name: str, problems: list[str]) -> dict[str, Any] | str | None:
    try:
        text = (directory / name).read_text(encoding="utf-8")
        return tomllib.loads(text) if name.endswith(".toml") else text
    except FileNotFoundError:
        problems.append(f"{name}: the file is missing")
    except (OSError, UnicodeDecodeError) as unreadable:
        problems.append(f"{name}: cannot be read: {unreadable}")
    except tomllib.TOMLDecodeError as wrong:
        problems.append(f"{name}: is not valid TOML: {wrong}")
    return None


def _in_words(error: Any) -> str:
    field, *rest = map(str, error["loc"])
    file = f"{rest.pop(0)}/{FILES[field]}" if field in FILES and rest else f"{field}.toml"
    where = ".".join(part for part in rest if part != "[key]")
    said = {"extra_forbidden": "is not a known key", "missing": "is missing"}
    return f"{file}: {where}: {said.get(error['type'], error['msg'].removeprefix('Value error, '))}"


def _problems(content: Content) -> Iterator[str]:
    """Everything that is well formed but may not be said."""
    yield from checks.refuse_link("clinic.toml: report.link", content.clinic.report.link)
    yield from checks.refuse_link("clinic.toml: website", content.clinic.website)
    for language in content.clinic.languages:
        yield from _problems_in(content, language)
        yield from _unheard(content, language)
    yield from checks.refuse_differences(
        "program.toml",
        {name: [(s.id, s.day) for s in each.steps] for name, each in content.programs.items()},
    )
    yield from checks.refuse_differences(
        "faq.toml", {name: sorted(each) for name, each in content.faqs.items()}
    )
    yield from checks.refuse_differences(
        "staff.toml", {name: sorted(each) for name, each in content.templates.items()}
    )
    for file, notices in (("terms.md", content.terms), ("privacy.md", content.privacy)):
        yield from checks.refuse_differences(
            file, {name: headings(text) for name, text in notices.items()}
        )


def _problems_in(content: Content, language: Language) -> Iterator[str]:
    known = standing(content.clinic, language)
    replies, spoken = content.replies[language], content.spoken[language]
    yield from checks.refuse_replies(f"{language}/replies.toml", replies, known)
    yield from checks.refuse_spoken(f"{language}/voice.toml", spoken, known)
    program = content.programs[language]
    yield from checks.refuse_program(f"{language}/program.toml", program, known, language)
    yield from checks.refuse_faq(f"{language}/faq.toml", content.faqs[language], known)
    for key, each in content.templates[language].items():
        where = f"{language}/staff.toml: {key}"
        yield from checks.refuse_text(where, each.text, known, each.max_segments)
    report = content.reports[language]
    yield from checks.refuse_placeholders(f"{language}/report.md", report, known)
    yield from checks.refuse_words(f"{language}/report.md", report)
    yield from checks.refuse_without(f"{language}/report.md", report, "911")
    known = site_facts(content.clinic, program, language, content.clinic.phone_display)
    yield from refuse_site(
        content.sites[language], content.terms[language], content.privacy[language], known, language
    )
    if (hears := content.hears.get(language)) is None:
        yield f"hears.toml: {language} is missing"
    else:
        yield from checks.refuse_hears(f"hears.toml: {language}", hears, get_args(Intent))


def _unheard(content: Content, language: Language) -> Iterator[str]:
    """Commands are offered in texts and in the report, and heard in every language."""
    heard = set[str]()
    for hears in content.hears.values():
        heard.update(*hears.whole.values())
    program = content.programs[language]
    offered = {
        f"replies.toml: {key}": reply.text for key, reply in content.replies[language].items()
    }
    offered |= {f"faq.toml: {key}": each.answer for key, each in content.faqs[language].items()}
    offered |= {f"program.toml: {s.id}": program.message(s) for s in program.steps}
    offered |= {f"program.toml: {s.id}.more": s.more for s in program.steps}
    offered |= {
        f"staff.toml: {key}": each.text for key, each in content.templates[language].items()
    }
    offered |= {f"site.toml: {key}": text for key, text in content.sites[language].items()}
    offered["report.md"] = content.reports[language]
    offered["terms.md"] = content.terms[language]
    offered["privacy.md"] = content.privacy[language]
    for where, text in offered.items():
        yield from checks.refuse_unheard(f"{language}/{where}", text, heard)
