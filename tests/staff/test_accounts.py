from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.clock import FixedClock
from service.crypto import Keyring
from service.db import Database
from service.errors import Conflict, NotFound
from service.history import HistoryEntry
from service.staff import accounts, sign_in
from service.staff.accounts import BadEmail
from service.staff.models import Staff
from service.staff.rules import Role


def _add(database: Database, clock: FixedClock, email: str, role: Role = Role.CLINICIAN) -> int:
    with database.transaction() as session:
        return accounts.add(
            session, database.keyring, name="Dana Reyes", email=email, role=role, now=clock.now()
        ).id


def test_an_account_is_found_by_its_address_however_it_is_written(
    database: Database, clock: FixedClock, keyring: Keyring
) -> None:
    staff_id = _add(database, clock, "Dana@Clinic.Example ")
    with database.reading() as session:
        found = accounts.find(session, keyring, " dana@CLINIC.example")
        assert (found.id, found.name, found.role) == (staff_id, "Dana Reyes", Role.CLINICIAN)
        with pytest.raises(NotFound):
            accounts.find(session, keyring, "dan@clinic.example")


def test_one_address_has_one_account(database: Database, clock: FixedClock) -> None:
    _add(database, clock, "dana@clinic.example")
    with pytest.raises(Conflict):
        _add(database, clock, "DANA@clinic.example")


@pytest.mark.parametrize("email", ["", "dana", "@clinic.example", "dana@", "da na@clinic.example"])
def test_what_is_no_address_is_refused(database: Database, clock: FixedClock, email: str) -> None:
    with pytest.raises(BadEmail):
        _add(database, clock, email)


def test_the_first_admin_is_made_once_and_again_only_when_none_is_left(
    database: Database, clock: FixedClock, keyring: Keyring
) -> None:
    with database.transaction() as session:
        first, made = accounts.first_admin(session, keyring, clock.now())
        again, made_again = accounts.first_admin(session, keyring, clock.now())
        assert (made, made_again, first.id) == (True, False, again.id)
        accounts.disable(session, first.id, clock.now())
        other, made = accounts.first_admin(session, keyring, clock.now())
        assert made
        assert other.id != first.id


def test_a_disabled_account_is_out_at_once_and_its_links_are_dead(
    database: Database, clock: FixedClock
) -> None:
    staff_id = _add(database, clock, "dana@clinic.example")
    now = clock.now()
    with database.transaction() as session:
        cookie = sign_in.use_link(session, sign_in.make_link(session, staff_id, now), now) or ""
        spare = sign_in.make_link(session, staff_id, now)
        assert sign_in.current(session, cookie, now) is not None
        accounts.disable(session, staff_id, now)
        assert sign_in.current(session, cookie, now) is None
        assert sign_in.use_link(session, spare, now) is None
        late = sign_in.make_link(session, staff_id, now)
        assert sign_in.use_link(session, late, now) is None
        with pytest.raises(Conflict):
            accounts.disable(session, staff_id, now + timedelta(minutes=1))


def test_what_is_done_to_accounts_stands_in_the_history_without_names(
    database: Database, clock: FixedClock
) -> None:
    staff_id = _add(database, clock, "dana@clinic.example")
    with database.transaction() as session:
        accounts.disable(session, staff_id, clock.now())
    with database.reading() as session:
        entries = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "account opened",
        "signed out everywhere",
        "account disabled",
    ]
    assert {entry.subject for entry in entries} == {f"staff:{staff_id}"}
    assert "Dana" not in "".join(str(entry.detail) for entry in entries)


def test_an_account_closed_by_other_hands_is_out_all_the_same(
    database: Database, clock: FixedClock
) -> None:
    staff_id = _add(database, clock, "dana@clinic.example")
    now = clock.now()
    with database.transaction() as session:
        cookie = sign_in.use_link(session, sign_in.make_link(session, staff_id, now), now) or ""
        session.execute(update(Staff).values(disabled_at=now))
        assert sign_in.current(session, cookie, now) is None
