"""How fast triage is, and how its cost grows with the lexicon: `python -m bench.triage`."""

from __future__ import annotations

import random
import time
import tomllib
from pathlib import Path

from service.triage.assess import assess
from service.triage.lexicon import Lexicon, compile_lexicon

ROOT = Path(__file__).parents[1]
TEXTS = (
    "1",
    "ok thanks",
    "doing fine, no numbness or weakness",
    "my left foot has been tingling since Wednesday and the knee gives out going down steps",
    "siento hormigueo en el pie izquierdo desde el lunes pero no tengo fiebre",
    "can't pee since this morning and it's numb between my legs",
)
FILLER = (
    "Hi, this is Wanda, I am calling about the booklet, which came on Monday, and my sister liked "
    "it too. The garden is in and the beans are up. We had the grandchildren here for the weekend. "
)
VOICEMAIL = FILLER * 4 + "My foot has been asleep since Friday. " + FILLER * 2


def lexicon_data() -> dict[str, object]:
    """The lexicon as it ships."""
    return tomllib.loads((ROOT / "messages" / "red_flags.toml").read_text("utf-8"))


def grown(times: int) -> Lexicon:
    """The lexicon with `times` as many wordings; the added ones are made-up words."""
    data = lexicon_data()
    signs = data["signs"]
    assert isinstance(signs, dict)
    letters = random.Random(1)
    for sign in signs.values():
        count = sum(len(sign.get(key, ())) for key in ("when", "en", "es"))
        made = [
            " ".join("".join(letters.choices("bcdfgklmnprstaeiou", k=7)) for _ in range(3))
            for _ in range(count * (times - 1))
        ]
        sign["en"] = [*sign.get("en", ()), *made]
    return compile_lexicon(data)


def milliseconds(text: str, lexicon: Lexicon, rounds: int = 200) -> float:
    """Processor time of one assessment, averaged."""
    assess(text, lexicon)
    start = time.process_time()
    for _ in range(rounds):
        assess(text, lexicon)
    return (time.process_time() - start) * 1000 / rounds


def main() -> None:
    print(f"{'lexicon':<10}{'compile ms':>12}{'text ms':>10}{'texts/s':>10}{'voicemail ms':>14}")
    for times in (1, 2, 4, 8):
        start = time.process_time()
        lexicon = grown(times)
        compiled = (time.process_time() - start) * 1000
        text = sum(milliseconds(each, lexicon) for each in TEXTS) / len(TEXTS)
        voicemail = milliseconds(VOICEMAIL, lexicon, rounds=30)
        row = f"{'x' + str(times):<10}{compiled:>12.0f}{text:>10.2f}{1000 / text:>10.0f}"
        print(f"{row}{voicemail:>14.2f}")
    print(f"voicemail: {len(VOICEMAIL.split())} words; texts: {len(TEXTS)} of 1 to 16 words")


if __name__ == "__main__":
    main()
