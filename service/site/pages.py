"""The public pages: what the line is, and the report."""

from functools import cache
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from service.content import Content
from service.site.report import render_report


def create_site(content: Content) -> APIRouter:
    """The routes that anybody may see."""
    router = APIRouter()

    @cache
    def report_in(language: str) -> bytes:
        return render_report(content, language)

    @router.get("/report.pdf")
    def report(lang: Literal["en", "es"] = "en") -> Response:
        """The nine-tip report, made from messages/."""
        headers = {
            "Content-Disposition": 'inline; filename="back-report.pdf"',
            "Cache-Control": "public, max-age=3600",
        }
        return Response(report_in(lang), media_type="application/pdf", headers=headers)

    return router
