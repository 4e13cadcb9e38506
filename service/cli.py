"""The `backtalk` command. Every failure is one clear line and a non-zero exit.

A command imports what it alone needs, so that `backtalk triage` does not wait for a web server it never
starts.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.cli_rights import erase_number, export_number
from service.cli_staff import staff_app
from service.config import ROOT, Settings, load_settings
from service.content import Content, load
from service.errors import BacktalkError, ContentError, SettingsError
from service.triage.lexicon import Lexicon, compile_lexicon

NO_DATABASE = "(No database here, so it is not known who is on the program.)"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(staff_app, name="staff")
app.command("export")(export_number)
app.command("erase")(erase_number)


def main() -> None:
    """Run the command line; known errors become one line on standard error and exit code 1."""
    try:
        app(standalone_mode=True)
    except ContentError as error:
        for problem in error.problems:
            print(f"messages/{problem}", file=sys.stderr)
        sys.exit(1)
    except BacktalkError as error:
        print(f"backtalk: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, SQLAlchemyError):
            raise
        said = "check DATABASE_URL, and bring the schema up to date with `backtalk migrate`"
        print(f"backtalk: the database failed ({type(error).__name__}): {said}", file=sys.stderr)
        sys.exit(1)


@app.command()
def run() -> None:
    """Everything in one process: migrates, serves, works the schedule.

    With no Twilio account set it starts the simulated carrier and the phone page at /phone.
    """
    settings = load_settings()

    from service.app import create_app
    from service.house import open_house
    from service.migrate import migrate as migrate_database
    from service.serve import EVERYWHERE, LOOPBACK, first_sign_in, say_hello, serve
    from service.worker import start_worker

    house = open_house(settings)
    migrate_database(house.database)
    link = first_sign_in(house)
    with ExitStack() as at_the_end:
        at_the_end.callback(house.database.close)

        def begin() -> None:
            at_the_end.callback(start_worker(house).shutdown)
            say_hello(settings, link)

        host = LOOPBACK if settings.simulated else EVERYWHERE
        serve(create_app(house), settings, host, when_up=begin)


@app.command()
def web() -> None:
    """The web process: webhooks, console, public pages."""
    settings = _for_several_processes()

    from service.app import create_app
    from service.house import open_house
    from service.serve import EVERYWHERE, serve

    serve(create_app(open_house(settings)), settings, EVERYWHERE)


@app.command()
def worker() -> None:
    """The worker process: works the schedule until it is stopped."""
    settings = _for_several_processes()

    import signal
    import threading

    from service.house import open_house
    from service.worker import start_worker

    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    scheduler = start_worker(open_house(settings))
    stopped.wait()
    scheduler.shutdown()


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from service.house import open_house
    from service.migrate import migrate as migrate_database

    house = open_house(load_settings())
    migrate_database(house.database)
    print("The database is up to date.")


@app.command()
def doctor() -> None:
    """Check settings, messages/, database, clock, queue and the Twilio account."""
    from service.doctor import examine
    from service.house import open_house

    findings = list(examine(open_house(load_settings())))
    for finding in findings:
        print(finding)
    if any(not finding.well for finding in findings):
        raise typer.Exit(1)


@app.command()
def backup(path: Path) -> None:
    """Write an encrypted, verified copy of the database to PATH while the service runs."""
    from service.backup import back_up
    from service.house import open_house

    house = open_house(load_settings())
    counts = back_up(house.database, path, house.clock.now())
    print(
        f"{path}: {sum(counts.values())} rows of {len(counts)} tables, encrypted, and restored once"
    )
    print(
        "Keep BACKTALK_DATA_KEYS and BACKTALK_SECRET_KEY elsewhere: without them it is unreadable."
    )


@app.command()
def restore(path: Path) -> None:
    """Put the copy at PATH back into an empty database; outbound is held until it is reconciled."""
    from service.backup import restore as put_back
    from service.house import open_house

    house = open_house(load_settings())
    counts = put_back(house.database, path, house.clock.now())
    print(f"{sum(counts.values())} rows of {len(counts)} tables are back.")
    print(
        "Nothing is sent until the carrier's list has told what had left since the copy was made."
    )


@app.command()
def triage(
    file: Annotated[
        Path | None, typer.Argument(help="Tab-separated; standard input without it.")
    ] = None,
    explain: Annotated[
        str | None, typer.Option(help="Show how this text is judged, and why.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or es, with --explain.")] = "en",
    channel: Annotated[str, typer.Option(help="sms or voicemail, with --explain.")] = "sms",
) -> None:
    """Judge messages: reads id, channel, lang, text; prints id, level and findings, a line each."""
    from service.triage.explain import explain as explain_text
    from service.triage.table import judge_rows

    lexicon = _lexicon()
    if explain is not None:
        print(explain_text(explain, lexicon, language=language, channel=channel))
        return
    with _lines(file) as lines:
        for row in judge_rows(lines, lexicon):
            print(row)


@app.command()
def content() -> None:
    """Check messages/: too long, unsafe, incomplete, missing in a language, unused.

    Then says whom the program affects as it stands: an edited tip goes to those it is still to come for.
    """
    loaded = load(_messages_dir())
    compile_lexicon(loaded.red_flags)
    print("messages/ is complete and safe to use.")
    for row in _whom_the_program_affects(loaded):
        print(row)


@app.command()
def fallback(
    after: Annotated[str | None, typer.Option(help="The address of the second TwiML Bin.")] = None,
) -> None:
    """Print three TwiML Bins for Twilio to host: for calls, after a message, and for texts.

    Set the first as the number's voice fallback and the third as its message fallback: they answer
    when this service cannot be reached. What was recorded is fetched when it is back.
    """
    from service.line import fallback as fallback_bins

    words = load(_messages_dir())
    second = after or fallback_bins.AFTER
    for name, document in (
        ("1. Calls (the number's voice fallback)", fallback_bins.voice_bin(words, second)),
        ("2. After a message (the first one leads here)", fallback_bins.after_bin(words)),
        ("3. Texts (the number's message fallback)", fallback_bins.text_bin(words)),
    ):
        print(f"{name}\n{document}\n")


def _whom_the_program_affects(loaded: Content) -> Iterator[str]:
    """For those on the program: which tips they had and will get. Nothing without a database."""
    from sqlalchemy.exc import SQLAlchemyError

    from service.db import Database
    from service.drip.plan import whom_it_affects

    try:
        with Database.of(load_settings()).reading() as session:
            affected = whom_it_affects(session, loaded)
    except (SettingsError, SQLAlchemyError):
        yield NO_DATABASE
        return
    if not any(each.had or each.to_come or each.passed for each in affected):
        yield "Nobody is on the program."
        return
    yield f"{'tip':28}{'had it':>8}{'to come':>9}{'are past it':>13}"
    for each in affected:
        note = "  taken out: nobody gets it any more" if each.gone else ""
        yield f"{each.step:28}{each.had:>8}{each.to_come:>9}{each.passed:>13}{note}"


def _for_several_processes() -> Settings:
    settings = load_settings()
    if settings.embedded:
        raise SettingsError(
            "DATABASE_URL is SQLite, which serves one process: use `backtalk run`, or PostgreSQL"
        )
    if settings.simulated:
        raise SettingsError("TWILIO_ACCOUNT_SID is not set: use `backtalk run` to try things out")
    return settings


def _messages_dir() -> Path:
    import os

    return Path(os.environ.get("BACKTALK_MESSAGES_DIR") or ROOT / "messages")


def _lexicon() -> Lexicon:
    import tomllib

    path = _messages_dir() / "red_flags.toml"
    try:
        return compile_lexicon(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ContentError([f"red_flags.toml: {error}"]) from error


@contextmanager
def _lines(file: Path | None) -> Iterator[Iterator[str]]:
    if file is None:
        yield iter(sys.stdin)
        return
    try:
        with file.open(encoding="utf-8") as opened:
            yield iter(opened)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
