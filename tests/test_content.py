"""What the line says: that the real `messages/` is fit to be sent, and that unfit ones are refused."""

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from service.content import Content, Intent, load
from service.content_checks import CARRIER_WORDS, FCC_WORDS
from service.content_keys import REPLIES, SPOKEN
from service.errors import ContentError

MESSAGES = Path(__file__).parent.parent / "messages"
SERVICE = Path(__file__).parent.parent / "service"
CAST = {
    "link": "https://riverbendpt.example/report.pdf",
    "name": "Ada Birdsong",
    "address": "14 Oak Lane, Riverbend, VA 22599",
    "question": "What is the 5-digit ZIP code of that address?",
    "level": "urgent",
    "week": "Dec 7",
    "day": "Nov 30",
    "place": "Kilmarnock, VA",
    "zip": "22482",
    "tracking": "9400 1000 0000 0000 0000 00",
    **dict.fromkeys(("item", "count", "emergency", "urgent", "review", "overdue"), "7"),
    "code": "4821",
    "minutes": "60",
    "since": "2026-11-30 10:00",
}


@pytest.fixture(scope="module")
def content() -> Content:
    return load(MESSAGES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MESSAGES, tmp_path / "messages"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace `old`, which must be there, the first time it occurs in `file`."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(ContentError) as caught:
        load(folder)
    return "\n".join(caught.value.problems)


def params(key: str) -> dict[str, str]:
    return {name: CAST[name] for name in REPLIES[key]}


class TestWhatIsSaid:
    def test_every_reply_can_be_said_in_both_languages(self, content: Content) -> None:
        for language in ("en", "es"):
            for key in REPLIES:
                said = content.reply(key, language, **params(key))
                assert not re.search(r"[{}]", said)
                assert all(value in said for value in params(key).values())

    def test_every_spoken_line_can_be_said(self, content: Content) -> None:
        for language in ("en", "es"):
            for key in SPOKEN:
                given = {name: f"the {name}" for name in SPOKEN[key]}
                said = content.voice(key, language, **given)
                assert not re.search(r"[{}]", said)
                assert all(value in said for value in given.values())

    def test_hours_are_written_short_and_spoken_long(self, content: Content) -> None:
        assert "Mon-Fri 8 am-5 pm" in content.reply("call_back_promised", "en")
        assert "lun-vie 8 am-5 pm" in content.reply("call_back_promised", "es")
        assert "Monday to Friday 8 am to 5 pm" in content.voice("voicemail_prompt", "en")
        assert "de lunes a viernes de 8 am a 5 pm" in content.voice("voicemail_prompt", "es")

    def test_a_patients_braces_are_never_read_as_a_placeholder(self, content: Content) -> None:
        said = content.reply("confirm_address", "en", name="{phone}", address="{secret}")
        assert "{phone}" in said
        assert "{secret}" in said

    def test_mistakes_of_the_program_are_told(self, content: Content) -> None:
        with pytest.raises(ContentError, match="no text is called nonsense"):
            content.reply("nonsense", "en")
        with pytest.raises(ContentError, match="no language 'fr'"):
            content.reply("menu", "fr")
        with pytest.raises(ContentError, match="report_link takes link, was given nothing"):
            content.reply("report_link", "en")
        with pytest.raises(ContentError, match="menu takes nothing, was given name"):
            content.reply("menu", "en", name="Ada Birdsong")

    def test_staff_alerts_hold_no_health_data(self, content: Content) -> None:
        assert REPLIES["staff_alert"] == {"level", "item", "code", "link"}
        assert "urgent" in content.reply("staff_alert", "en", **params("staff_alert"))

    def test_help_and_consent_hold_what_the_carriers_ask_for(self, content: Content) -> None:
        for language, rates in (
            ("en", "Msg & data rates may apply"),
            ("es", "tarifas de mensajes"),
        ):
            helped, asked = content.reply("help", language), content.reply("consent_tips", language)
            for said in (helped, asked):
                assert rates in said
                assert "STOP" in said
                assert content.clinic.short_name in said
                assert re.search(r"3 (texts )?a week|3 (textos )?por semana", said)
            assert content.clinic.phone_display in helped


class TestTheProgram:
    def test_nine_tips_alike_in_both_languages(self, content: Content) -> None:
        english, spanish = content.program("en"), content.program("es")
        assert [s.id for s in english.steps] == [
            "nobody_on_your_back", "see_a_professional_first", "warm_up", "stable_position",
            "engage_core", "gentle_pressure", "let_go_slowly", "stop_when_it_hurts",
            "when_to_get_help",
        ]  # fmt: skip
        assert [(s.id, s.day) for s in english.steps] == [(s.id, s.day) for s in spanish.steps]

    def test_a_message_is_the_tip_its_check_in_and_how_to_stop(self, content: Content) -> None:
        program = content.program("en")
        first = program.steps[0]
        message = program.message(first)
        assert message.startswith(f"{content.clinic.short_name} tip 1/9: ")
        assert first.check_in is not None
        assert first.check_in in message
        assert message.endswith("STOP = end")

    def test_no_two_check_ins_are_alike(self, content: Content) -> None:
        for language in ("en", "es"):
            asked = [s.check_in for s in content.program(language).steps if s.check_in]
            assert len(asked) == len(set(asked)) >= 7

    def test_days_keep_to_three_a_week(self, content: Content) -> None:
        days = [step.day for step in content.program("en").steps]
        weeks = [sum(start <= day < start + 7 for day in days) for start in days]
        assert max(weeks) <= content.clinic.program.max_per_week

    def test_nothing_copied_from_the_loose_claims_about_joints(self, content: Content) -> None:
        for language in ("en", "es"):
            words = content.report(language) + "".join(
                s.more for s in content.program(language).steps
            )
            assert not re.search(r"(?i)facet|into place|faceta", words)


class TestWhatIsHeard:
    @pytest.mark.parametrize("word", sorted(CARRIER_WORDS["opt_out"] | FCC_WORDS))
    def test_the_words_of_law_and_carriers_opt_out(self, content: Content, word: str) -> None:
        for said in (word, word.upper(), f" {word.title()}. "):
            assert "opt_out" in content.hears["en"].intents(said)

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "Quit texting me"),
            ("en", "please take me off your list"),
            ("en", "I don't want any more texts from you"),
            ("en", "STOP, I can't feel my legs, stop texting me"),
            ("es", "¡ALTO!"),
            ("es", "No más mensajes por favor"),
            ("es", "ya no me manden nada"),
            ("es", "quítenme de su lista"),
        ],
    )
    def test_natural_opt_outs(self, content: Content, language: str, said: str) -> None:
        assert "opt_out" in content.hears[language].intents(said)  # type: ignore[index]

    @pytest.mark.parametrize(
        "said",
        [
            "the pain won't stop",
            "it stops me from walking",
            "what can I do to stop these spasms",
            "at the end of the day it hurts",
            "I need to cancel my appointment Tuesday",
            "please don't stop sending the tips",
            "they had to take me off work",
            "I quit smoking, does that help my back?",
            "el dolor no para",
            "no quiero recibir inyecciones",
            "al final del día no puedo parar de caminar",
        ],
    )
    def test_what_is_no_opt_out(self, content: Content, said: str) -> None:
        for hears in content.hears.values():
            assert "opt_out" not in hears.intents(said)

    @pytest.mark.parametrize(
        ("language", "intent", "said"),
        [
            ("en", "report", "Can you send me the free report?"),
            ("en", "report", "I would like the booklet, and mail the booklet to my sister"),
            ("en", "call_me", "could someone call me back this afternoon"),
            ("en", "call_me", "CALL ME"),
            ("en", "tips", "please sign me up"),
            ("en", "none", "None of these!"),
            ("en", "thanks", "Thank you so much"),
            ("en", "spanish", "Spanish please"),
            ("es", "report", "quiero el reporte"),
            ("es", "call_me", "llámeme"),
            ("es", "tips", "Consejos"),
            ("es", "more", "más detalles"),
            ("es", "none", "Nada de esto."),
            ("es", "spanish", "ESPAÑOL"),
        ],
    )
    def test_wishes(self, content: Content, language: str, intent: str, said: str) -> None:
        assert intent in content.hears[language].intents(said)  # type: ignore[index]

    def test_a_symptom_is_no_command(self, content: Content) -> None:
        for said in (
            "my foot went numb",
            "1 but my foot is numb",
            "thanks, foot still numb",
            "help me",
        ):
            assert content.hears["en"].intents(said) == frozenset()


class TestWhatIsRefused:
    def test_every_problem_is_named_at_once(self, folder: Path) -> None:
        edit(folder, "clinic.toml", "weekly = 4", 'weekly = "many"')
        edit(folder, "en/replies.toml", "[menu]\ntext", "[menu]\ntxet")
        told = refused(folder)
        assert "clinic.toml: packages.weekly" in told
        assert "en/replies.toml: menu.txet: is not a known key" in told
        assert "en/replies.toml: menu.text: is missing" in told

    def test_missing_and_broken_files(self, folder: Path) -> None:
        (folder / "es" / "faq.toml").unlink()
        (folder / "en" / "voice.toml").write_text("[greeting\n")
        (folder / "en" / "report.md").write_bytes(b"\xff\xfe\x00")
        told = refused(folder)
        assert "es/faq.toml: the file is missing" in told
        assert "en/voice.toml: is not valid TOML" in told
        assert "en/report.md: cannot be read" in told

    def test_an_empty_or_absent_folder(self, tmp_path: Path) -> None:
        assert "clinic.toml: the file is missing" in refused(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            ("clinic.toml", "America/New_York", "America/Riverbend", "is no time zone"),
            ("clinic.toml", '["en", "es"]', '"en"', "languages"),
            ("clinic.toml", 'close = "17:00"', 'close = "07:00"', "closes"),
            ("clinic.toml", 'number = ""', 'number = "911"', "on_call.number"),
            ("clinic.toml", 'link = ""', 'link = "https://bit.ly/x"', "link shortener bit.ly"),
            ("en/replies.toml", "[menu]", "[menue]", "menue is not a key the line uses"),
            ("en/replies.toml", "[menu]", "[menue]", "menu is missing"),
            ("en/replies.toml", "{link}", "{url}", "{url} is not known here"),
            ("en/replies.toml", "{link}", "the page", "must hold {link}"),
            ("en/replies.toml", "{link}", "{link} {", "a brace stands alone"),
            ("en/replies.toml", "Back to our question.", "Back to it. " * 9, "needs 3 segments"),
            ("en/replies.toml", "All right,", "All right\u2019", "typographic character U+2019"),
            ("en/replies.toml", "All right,", "Don't worry,", "reassures"),
            ("en/replies.toml", "All right,", "You probably have a slipped disc,", "diagnoses"),
            ("en/replies.toml", "Reply 1 to agree", "Reply YES to agree", 'asks for "Reply YES"'),
            ("en/replies.toml", "2 to change it", "text CANCEL if not", 'asks for "text CANCEL"'),
            (
                "en/replies.toml",
                "call 911 now. Keep still",
                "Keep still",
                "spine_trauma: must name 911",
            ),
            ("en/replies.toml", "text 988, the", "text the", "safety_suicide: must name 988"),
            ("en/replies.toml", "or CALL ME to talk", "or PHONE US to talk", "offers PHONE US"),
            ("es/replies.toml", "Escriba 1 para aceptar", "Responda SI", 'asks for "Responda SI"'),
            ("es/replies.toml", "De acuerdo,", "No se preocupe,", "reassures"),
            (
                "es/replies.toml",
                "[menu]\n",
                "[menu]\nurgent = 1\n",
                "menu.urgent: is not a known key",
            ),
            ("en/voice.toml", "dial 9 1 1, or have", "have", "safety_emergency: must name 911"),
            ("en/program.toml", "day = 3", "day = 0", "days of the steps must rise"),
            ("en/program.toml", "day = 3", "day = 4", "en and es differ"),
            (
                "en/program.toml",
                "warm_up",
                "stable_position",
                "step stable_position is there twice",
            ),
            ("en/program.toml", "Weak leg? ", "", "check_in: does not ask after weakness"),
            (
                "en/program.toml",
                "Numb or tingling leg or groin? ",
                "",
                "does not ask after numbness",
            ),
            ("en/program.toml", "1 = none, 2 = some", "1 = fine", 'must say "1 = none, 2 = some"'),
            (
                "es/program.toml",
                "orinar o evacuar",
                "caminar",
                "does not ask after bladder or bowel",
            ),
            ("es/faq.toml", "[how_long]", "[how_longer]", "en and es differ"),
            ("en/faq.toml", '"should it hurt"', '"how many times a day"', "is asked by both"),
            ("en/report.md", "Call 911 or go", "Go", "report.md: must name 911"),
            ("en/report.md", "{website}", "{web_site}", "{web_site} is not known here"),
            ("hears.toml", '"revoke", "optout", "opt out"', '"optout"', 'must hear "revoke"'),
            (
                "hears.toml",
                'thanks = [\n    "thanks"',
                'thanks = [\n    "yes"',
                "carriers take it as start",
            ),
            ("hears.toml", "[en.contains]\nopt_out", "[en.contains]\nopted", "opted"),
        ],
    )
    def test_unfit_words(self, folder: Path, file: str, old: str, new: str, told: str) -> None:
        edit(folder, file, old, new)
        said = refused(folder)
        assert file.rsplit("/", maxsplit=1)[-1] in said
        assert told in said

    def test_an_accent_is_paid_for_only_where_marked(self, folder: Path) -> None:
        edit(
            folder, "es/replies.toml", "una persona la va a leer. ¿", "alguien la leerá después. ¿"
        )
        assert "es/replies.toml: menu: needs 3 segments, 2 allowed" in refused(folder)
        edit(folder, "es/replies.toml", "[menu]\n", "[menu]\nmax_segments = 3\n")
        assert load(folder).reply("menu", "es")

    def test_most_steps_need_a_check_in(self, folder: Path) -> None:
        path = folder / "en" / "program.toml"
        path.write_text(re.sub(r"(?m)^check_in = .*\n", "", path.read_text(encoding="utf-8")))
        assert "fewer than half of the steps have a check-in" in refused(folder)


def code() -> str:
    """Everything in `service/` but the loading and checking of `messages/`."""
    files = (path for path in SERVICE.rglob("*.py") if not path.name.startswith("content"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


class TestTheTree:
    def test_every_intent_is_acted_on(self) -> None:
        """Words that are heard and then ignored would leave a patient without an answer."""
        written = code()
        assert [intent for intent in get_args(Intent) if f'"{intent}"' not in written] == []

    def test_every_reply_is_used(self) -> None:
        """A sentence nobody sends is one nobody reads over; it would rot, unsafe, until used."""
        flags = (MESSAGES / "red_flags.toml").read_text(encoding="utf-8")
        written = code() + flags
        unused = [key for key in (*REPLIES, *SPOKEN) if f'"{key}"' not in written]
        assert unused == []
