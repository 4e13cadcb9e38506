"""axe-core in a page of the browser: what would shut somebody out."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def look(page: Page) -> AxeResults:
    """What axe finds. It is put into a page once, however often it looks."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return AxeResults(page.evaluate("axe.run({resultTypes: ['violations']})"))
