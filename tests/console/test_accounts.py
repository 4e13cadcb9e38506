"""From an invitation to signing in with two factors, on a line with real patients."""

import re
from datetime import timedelta

import pyotp
import pytest

from service.staff.rules import Role
from tests.console.test_guard import _csrf
from tests.console.world import World
from tests.visitor import Visitor

PASSWORD = "heron fog kettle ninety"
ACCOUNT = "/console/account"

# What an account can do does not depend on the database; what is written does (tests/staff).
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def real(world: World) -> World:
    world.trusts_links = False
    return world


class Person:
    """Somebody with an account, at their browser."""

    def __init__(self, world: World, role: Role = Role.CLINICIAN) -> None:
        self.world = world
        self.id = world.staff("Dana Reyes", role)
        self.email = world.email_of(self.id)
        self.browser = world.signed_in(self.id)
        self.secret = ""
        self.recovery: list[str] = []

    def post(self, path: str, **form: str) -> str:
        data = form | {"csrf": _csrf(self.browser, ACCOUNT)}
        answer = self.browser.post(f"{ACCOUNT}{path}", data=data, follow_redirects=True)
        return str(answer.text)

    def set_up(self) -> None:
        """Choose a password and an app."""
        self.post("/password", new=PASSWORD)
        page = self.post("/codes")
        found = re.search(r'class="secret">(\w+)<', page)
        assert found
        self.secret = found[1]
        page = self.post("/codes/confirm", code=self.code())
        self.recovery = re.findall(r"<code>(\w{5}-\w{5})</code>", page)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.world.clock.now())

    def sign_in(self, password: str = PASSWORD, code: str | None = None) -> Visitor | None:
        """Sign in from a browser of its own; None when refused."""
        browser = self.world.browser()
        form = {"email": self.email, "password": password, "code": code or self.code()}
        answer = browser.post("/console/sign-in/password", data=form)
        return browser if answer.status_code == 303 else None


@pytest.fixture
def dana(real: World) -> Person:
    person = Person(real)
    person.set_up()
    real.clock.moment += timedelta(minutes=1)
    return person


def test_an_invitation_leads_to_the_account_and_from_there_to_the_patients(real: World) -> None:
    person = Person(real)
    assert person.browser.get("/console").headers["location"] == ACCOUNT
    assert "Before you can see patients" in person.browser.get(ACCOUNT).text
    person.post("/password", new=PASSWORD)
    assert person.browser.get("/console").headers["location"] == ACCOUNT
    person.set_up()
    assert person.browser.get("/console").status_code == 200


def test_password_and_code_sign_in(dana: Person) -> None:
    browser = dana.sign_in()
    assert browser
    assert browser.get("/console").status_code == 200


@pytest.mark.parametrize(
    ("password", "code"), [("heron fog kettle nine", None), (PASSWORD, "000000"), ("", "")]
)
def test_a_wrong_password_and_a_wrong_code_get_the_same_answer(
    dana: Person, password: str, code: str | None
) -> None:
    form = {"email": dana.email, "password": password, "code": code or dana.code()}
    answer = dana.world.browser().post("/console/sign-in/password", data=form)
    unknown = dana.world.browser().post(
        "/console/sign-in/password", data=form | {"email": "nobody@clinic.example"}
    )
    assert (answer.status_code, unknown.status_code) == (403, 403)
    assert answer.text == unknown.text
    assert "is not right" in answer.text


def test_a_code_works_once(dana: Person) -> None:
    assert dana.sign_in()
    assert dana.sign_in() is None
    dana.world.clock.moment += timedelta(seconds=30)
    assert dana.sign_in()


def test_a_recovery_code_works_in_place_of_the_app_and_once(dana: Person) -> None:
    assert len(dana.recovery) == 10
    assert dana.sign_in(code=dana.recovery[0].replace("-", " ").upper())
    assert dana.sign_in(code=dana.recovery[0]) is None
    dana.world.clock.moment += timedelta(minutes=1)
    assert dana.sign_in(code=dana.recovery[1])


def test_a_password_alone_opens_nothing_on_a_real_line(real: World) -> None:
    person = Person(real)
    person.post("/password", new=PASSWORD)
    person.secret = "A" * 32
    assert person.sign_in() is None


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("heron fog", "12 characters"),
        ("password1234", "easily guessed"),
        ("dana reyes dana", "easily guessed"),
        ("aaaaaaaaaaaaaaaaaa", "easily guessed"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(real: World, weak: str, why: str) -> None:
    assert why in Person(real).post("/password", new=weak)


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(
    dana: Person,
) -> None:
    other = dana.sign_in()
    assert other
    new = "kelp under nine lanterns"
    assert "nothing was changed" in dana.post("/password", new=new, current="guess guess guess")
    assert other.get("/console").status_code == 200
    dana.post("/password", new=new, current=PASSWORD)
    assert other.get("/console").status_code == 303
    assert dana.browser.get("/console").status_code == 200
    dana.world.clock.moment += timedelta(minutes=1)
    assert dana.sign_in(new)


def test_a_wrong_code_does_not_take_a_new_app_into_use(real: World) -> None:
    person = Person(real)
    person.post("/password", new=PASSWORD)
    person.post("/codes")
    assert "not right" in person.post("/codes/confirm", code="123456")
    assert person.browser.get("/console").headers["location"] == ACCOUNT


def test_whoever_guesses_has_to_wait_and_a_browser_that_is_known_does_not(dana: Person) -> None:
    known = dana.sign_in()
    assert known
    dana.world.clock.moment += timedelta(minutes=1)
    for _ in range(5):
        assert dana.sign_in("a wrong guess each time") is None
    form = {"email": dana.email, "password": PASSWORD, "code": dana.code()}
    slowed = dana.world.browser().post("/console/sign-in/password", data=form)
    assert slowed.status_code == 429
    assert "Wait 2 seconds" in slowed.text
    assert known.post("/console/sign-in/password", data=form).status_code == 303
    dana.world.clock.moment += timedelta(seconds=30)
    assert dana.sign_in()


def test_of_a_guess_every_half_minute_for_an_hour_few_are_judged(dana: Person) -> None:
    judged = 0
    for _ in range(120):
        form = {"email": dana.email, "password": "guess", "code": "1"}
        answer = dana.world.browser().post("/console/sign-in/password", data=form)
        judged += answer.status_code == 403
        dana.world.clock.moment += timedelta(seconds=30)
    assert judged <= 20


def test_a_link_still_opens_the_door_while_somebody_guesses(dana: Person) -> None:
    for _ in range(8):
        dana.sign_in("a wrong guess each time")
    assert dana.world.signed_in(dana.id).get(ACCOUNT).status_code == 200


def test_on_a_simulated_line_the_link_is_enough_and_a_second_factor_is_offered(
    world: World,
) -> None:
    browser = world.signed_in(world.staff("Dana Reyes"))
    assert browser.get("/console").status_code == 200
    assert "you can set yours up here already" in browser.get(ACCOUNT).text
    assert "a link alone signs you in" in world.browser().get("/console/sign-in").text


class TestAdministrators:
    """What they do for others."""

    @pytest.fixture
    def admin(self, world: World) -> Visitor:
        return world.signed_in(world.staff("Ada Quinn", Role.ADMIN))

    def test_invite_by_a_link_that_is_shown_once(self, world: World, admin: Visitor) -> None:
        form = {"name": "Lee Park", "email": "lee@clinic.example", "role": "front_desk"}
        page = admin.post("/console/staff", data=form | {"csrf": _csrf(admin)}).text
        found = re.search(r"<code>(\S+#\S+)</code>", page)
        assert found
        assert found[1] not in admin.get("/console/staff").text
        theirs = world.browser()
        assert theirs.post("/console/sign-in", data={"link": found[1]}).status_code == 303
        assert "Front desk" in theirs.get(ACCOUNT).text

    def test_reset_what_somebody_signs_in_with(self, dana: Person) -> None:
        admin = dana.world.signed_in(dana.world.staff("Ada Quinn", Role.ADMIN))
        dana.world.trusts_links = True
        admin = dana.world.signed_in(dana.world.staff("Ada Quinn", Role.ADMIN))
        admin.post(f"/console/staff/{dana.id}/link", data={"csrf": _csrf(admin)})
        assert dana.browser.get(ACCOUNT).status_code == 303
        assert dana.sign_in() is None
        assert dana.sign_in(code=dana.recovery[0]) is None

    def test_close_an_account_and_open_it_again(self, world: World, admin: Visitor) -> None:
        lee = world.staff("Lee Park")
        theirs, csrf = world.signed_in(lee), _csrf(admin)
        admin.post(f"/console/staff/{lee}/disable", data={"csrf": csrf})
        assert theirs.get("/console").status_code == 303
        page = admin.post(f"/console/staff/{lee}/link", data={"csrf": csrf}).text
        found = re.search(r"<code>(\S+#\S+)</code>", page)
        assert found
        assert theirs.post("/console/sign-in", data={"link": found[1]}).status_code == 303

    def test_change_a_role_which_signs_out(self, world: World, admin: Visitor) -> None:
        lee = world.staff("Lee Park", Role.ADMIN)
        theirs = world.signed_in(lee)
        form = {"csrf": _csrf(admin), "role": "clinician"}
        admin.post(f"/console/staff/{lee}/role", data=form)
        assert theirs.get("/console").status_code == 303
        assert world.signed_in(lee).get("/console/staff").status_code == 403

    def test_do_not_shut_themselves_out(self, world: World) -> None:
        ada = world.staff("Ada Quinn", Role.ADMIN)
        admin = world.signed_in(ada)
        for deed in ("disable", "link", "role"):
            form = {"csrf": _csrf(admin), "role": "front_desk"}
            assert admin.post(f"/console/staff/{ada}/{deed}", data=form).status_code == 409
