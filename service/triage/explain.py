"""What a clinician reads to see why a message got its level."""

from __future__ import annotations

from service.triage.assess import Seen, assess, look
from service.triage.lexicon import Lexicon
from service.triage.read import Text, read
from service.triage.rules import Finding


def explain(text: str, lexicon: Lexicon, *, language: str = "en", channel: str = "sms") -> str:
    """The level, the reply, each finding with its words and rule, and what was set aside."""
    result = assess(text, lexicon, language=language, channel=channel)
    lines = [
        f"{result.level.upper()}  (red_flags.toml version {result.version}, {_approved(lexicon)})",
        f"reply: {result.reply or 'none'}",
    ]
    lines += [_finding(finding, lexicon) for finding in result.findings]
    reading = read(text, lexicon, language=language, channel=channel)
    aside = _set_aside(list(look(reading, lexicon)), reading)
    if aside:
        lines += ["set aside:", *aside]
    return "\n".join(lines)


def _approved(lexicon: Lexicon) -> str:
    approval = lexicon.approval
    if not approval.clinician:
        return "not yet approved by a clinician"
    return f"approved by {approval.clinician} on {approval.date}"


def _finding(finding: Finding, lexicon: Lexicon) -> str:
    sign = lexicon.signs.get(finding.sign)
    name = f"{finding.sign}: {sign.name}" if sign else finding.sign
    return (
        f"  {finding.level:<9}  {name}\n"
        f"             words {finding.start}-{finding.end}: “{finding.words}”\n"
        f"             rule: {finding.rule}"
    )


def _set_aside(seen: list[Seen], text: Text) -> list[str]:
    """Each wording that was seen but denied, once per sign and words."""
    denied = {
        (sight.sign, text.quoted(sight.span)[2]): sight for sight in seen if sight.standing.harmless
    }
    return [
        f"  {sign}: “{words}” ({sight.standing.why})" for (sign, words), sight in denied.items()
    ]
