"""`backtalk export` and `backtalk erase`: what a patient may ask of a clinic that holds their data."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from service.config import load_settings
from service.errors import Conflict


def export_number(
    number: Annotated[str, typer.Argument(help="As it is dialled: +18045550123.")],
    to: Annotated[
        Path | None, typer.Option(help="A new file, readable by you alone; else standard output.")
    ] = None,
) -> None:
    """Give everything that is held on NUMBER as JSON: it is health data."""
    from service import history
    from service.house import open_house
    from service.rights.export import NOTICE, export
    from service.rights.held import thread_of_number

    house = open_house(load_settings())
    with house.database.transaction() as session:
        thread = thread_of_number(session, house.database.keyring, number)
        held = export(session, thread, house.clock.now(), history.SYSTEM)
    text = json.dumps(held, indent=2, ensure_ascii=False)
    if to is None:
        print(text)
    else:
        _write(to, text + "\n")
    print(NOTICE, file=sys.stderr)


def erase_number(
    number: Annotated[str, typer.Argument(help="As it is dialled: +18045550123.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase the health data held on NUMBER for good; its opt-out and its consents are kept by index."""
    from service import history
    from service.house import open_house
    from service.rights.erase import erase
    from service.rights.held import thread_of_number

    house = open_house(load_settings())
    with house.database.reading() as session:
        thread_of_number(session, house.database.keyring, number)
    if not yes:
        typer.confirm("Erase everything that is held on this number, for good?", abort=True)
    clinic = house.content.clinic
    with house.database.transaction() as session:
        thread = thread_of_number(session, house.database.keyring, number)
        erase(session, thread, clinic, house.clock.now(), history.SYSTEM)
    print("Erased. Kept by keyed index, without a name: the opt-out, and the words of consents.")
    print("Not reached from here: backups made before now, and the carrier's own logs of texts.")


def _write(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict(f"{path} exists already: name a new file.") from error
    except OSError as error:
        raise Conflict(f"{path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
