"""Who may call the webhooks: Twilio's signature over the public URL and every field of the form.

https://www.twilio.com/docs/usage/security : HMAC-SHA1 with the auth token over the full URL (scheme,
host, port, query; no fragment) and the sorted form. The URL is built from BACKTALK_PUBLIC_URL, never
from what a proxy forwards. There is no time stamp in it: a replay is harmless because every event
takes effect once.
"""

from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request
from twilio.request_validator import RequestValidator

from service.errors import Forbidden

SHARED_KEY_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
"""Of a beta that is not HIPAA eligible: a request that carries it is refused."""


class Gate:
    """Lets signed requests through."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url

    async def signed_form(self, request: Request) -> FormData:
        """The posted form, every field of it; Forbidden unless its signature is right."""
        form = await request.form()
        if not self.accepts(request, form):
            raise Forbidden("The signature is missing or wrong.")
        return form

    def accepts(self, request: Request, form: FormData) -> bool:
        """Whether the request was signed with our token."""
        signature = request.headers.get("X-Twilio-Signature", "")
        if not signature or SHARED_KEY_SETTINGS in request.headers:
            return False
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self._public_url}{request.url.path}{query}"
        fields: Mapping[str, object] = form
        return bool(self._validator.validate(url, fields, signature))
