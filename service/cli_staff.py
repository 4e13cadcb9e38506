"""`backtalk staff`: accounts of the clinic's staff."""

from typing import Annotated

import typer

from service.config import load_settings
from service.staff.rules import Role

staff_app = typer.Typer(no_args_is_help=True, help="Accounts of the clinic's staff.")


@staff_app.command("add")
def staff_add(
    name: str, email: str, role: Annotated[Role, typer.Option(help="What they may do.")]
) -> None:
    """Add an account and print its one-time sign-in link."""
    from service.house import open_house
    from service.staff.accounts import add
    from service.staff.sign_in import link_to, make_link

    house = open_house(load_settings())
    now = house.clock.now()
    with house.database.transaction() as session:
        person = add(session, house.database.keyring, name=name, email=email, role=role, now=now)
        token = make_link(session, person.id, now)
    print(link_to(house.settings.public_url, token))


@staff_app.command("list")
def staff_list() -> None:
    """List the accounts."""
    from service.house import open_house
    from service.staff.accounts import people

    house = open_house(load_settings())
    with house.database.reading() as session:
        for person in people(session):
            state = "disabled" if person.disabled_at else "active"
            print(f"{person.name}\t{person.email}\t{person.role}\t{state}")


@staff_app.command("reset")
def staff_reset(email: str) -> None:
    """Forget an account's password and second factor, end its sessions, and print a new link."""
    from service.house import open_house
    from service.staff.accounts import find, reset
    from service.staff.sign_in import link_to

    house = open_house(load_settings())
    now = house.clock.now()
    with house.database.transaction() as session:
        person = find(session, house.database.keyring, email)
        token = reset(session, person.id, now)
    print(link_to(house.settings.public_url, token))


@staff_app.command("disable")
def staff_disable(email: str) -> None:
    """Disable an account; whoever is signed in with it is out at once."""
    from service.house import open_house
    from service.staff.accounts import disable, find

    house = open_house(load_settings())
    now = house.clock.now()
    with house.database.transaction() as session:
        disable(session, find(session, house.database.keyring, email).id, now)
    print("Disabled.")
