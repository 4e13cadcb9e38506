"""A clinic with people on duty, put into the service under test."""

from datetime import time

from sqlalchemy import select

from service.review.models import Alert
from service.staff import accounts
from service.staff.models import Duty
from service.staff.phones import set_mobile
from service.staff.rules import Role
from tests.line import TestLine

KIM = "+18045550151"  # on duty
SAM = "+18045550152"  # her backup
JO = "+18045550153"  # at home

ALWAYS = range(7)


class Clinic:
    """Kim is on duty at all hours, Sam is her backup, Jo has a phone and no duty."""

    def __init__(self, line: TestLine, days: range = ALWAYS) -> None:
        self.line = line
        self.ids = {name: self._add(name) for name in ("Kim", "Sam", "Jo")}
        for name, number in (("Kim", KIM), ("Sam", SAM), ("Jo", JO)):
            self.give(name, number)
        with line.house.database.transaction() as session:
            for day in days:
                session.add(
                    Duty(
                        weekday=day,
                        starts=time(0),
                        ends=time(0),
                        staff_id=self.ids["Kim"],
                        backup_id=self.ids["Sam"],
                    )
                )

    def give(self, name: str, number: str) -> None:
        """Give somebody a mobile number."""
        house, staff_id = self.line.house, self.ids[name]
        with house.database.transaction() as session:
            keyring, now = house.database.keyring, house.clock.now()
            set_mobile(session, keyring, staff_id, number, by=staff_id, now=now)

    def alert(self) -> Alert:
        """The one alert there is."""
        with self.line.house.database.reading() as session:
            return session.scalars(select(Alert)).one()

    def _add(self, name: str) -> int:
        house = self.line.house
        email = f"{name.lower()}@clinic.example"
        with house.database.transaction() as session:
            return accounts.add(
                session,
                house.database.keyring,
                name=name,
                email=email,
                role=Role.CLINICIAN,
                now=house.clock.now(),
            ).id
