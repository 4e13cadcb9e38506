"""The frame around every page, and the page that says no."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from service import tongue
from service.console import report_words, words
from service.console.house import ConsoleHouse
from service.errors import BacktalkError

if TYPE_CHECKING:
    from service.console.guard import Visit

_pages = Environment(
    loader=PackageLoader("service.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_pages.globals["words"] = words
_pages.globals["report_words"] = report_words
_pages.globals["language_tag"] = tongue.language_tag
_pages.policies["ext.i18n.trimmed"] = True
# Newstyle, by functions of our own: Jinja's wrappers fill in and escape even what has no fields, and a
# queue of eighty took 3 ms longer.
_pages.extend(newstyle_gettext=True)
_pages.globals.update(
    {"_": tongue.on_page, "gettext": tongue.on_page, "ngettext": tongue.form_on_page}
)


def page(visit: "Visit", template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for somebody who is signed in."""
    return _html(visit.house, template, status, visit=visit, **context)


def public_page(
    house: ConsoleHouse, template: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page for somebody who is not (or need not be) signed in."""
    return _html(house, template, status, visit=None, **context)


def refusal(
    house: ConsoleHouse, path_params: Mapping[str, Any], error: BacktalkError
) -> HTMLResponse:
    """What went wrong, in the words of the error, with a way back."""
    thread_id = path_params.get("thread_id", "")
    back = f"/console/patients/{thread_id}" if str(thread_id).isdigit() else "/console"
    if error.status == 404:
        back = "/console"
    return public_page(
        house, "refusal.html", error.status, message=tongue.in_words(error), back=back
    )


def _html(house: ConsoleHouse, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    html = _pages.get_template(template).render(house=house, zone=house.zone, **context)
    return HTMLResponse(html, status)
