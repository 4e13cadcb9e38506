"""How the simulated carrier speaks to the line: signed forms, posted, with Twilio's retry and time limits."""

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urldefrag

import httpx

log = logging.getLogger(__name__)

Form = dict[str, str]


class Answer(NamedTuple):
    """What the line said to a webhook."""

    status: int
    body: str


class Unreachable(Exception):
    """No answer came. `connected` tells whether the request may have been taken in all the same."""

    def __init__(self, connected: bool) -> None:
        super().__init__("no answer to a webhook")
        self.connected = connected


Post = Callable[[str, Form, Mapping[str, str]], Answer]
"""Posts a form to a URL with headers; raises Unreachable."""


def signature(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64(HMAC-SHA1(token, url + every name and value, sorted by name)).

    The URL is the whole one with its query string, without a fragment.
    Source: www.twilio.com/docs/usage/security.
    """
    text = urldefrag(url).url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def send(post: Post, auth_token: str, url: str, form: Form) -> Answer:
    """Post a signed webhook; Unreachable when no answer came.

    A line that cannot be connected to is tried once more, under the same idempotency token; a slow or
    failing one is not. Source: www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (defaults;
    the overrides in a URL's fragment are not simulated).
    """
    headers = {
        "X-Twilio-Signature": signature(auth_token, url, form),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
    }
    target = urldefrag(url).url
    try:
        return post(target, form, headers)
    except Unreachable as failure:
        if failure.connected:
            raise
        return post(target, form, headers)


def over_http(client: httpx.Client | None = None) -> Post:
    """The real way to post: HTTP, 5 s to connect and 15 s for the answer, as Twilio allows.

    Source: www.twilio.com/docs/api/errors/11205.
    """
    http = client or httpx.Client(timeout=httpx.Timeout(15, connect=5), trust_env=False)

    def post(url: str, form: Form, headers: Mapping[str, str]) -> Answer:
        try:
            answer = http.post(url, data=form, headers=dict(headers))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as failure:
            raise Unreachable(connected=False) from failure
        except httpx.TransportError as failure:
            raise Unreachable(connected=True) from failure
        return Answer(answer.status_code, answer.text)

    return post


class Background:
    """Runs jobs one after another in a thread of its own, so that a webhook handler that calls the carrier
    and a carrier that calls the line never wait for each other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulated-carrier")

    def __call__(self, job: Callable[[], None]) -> None:
        self._pool.submit(job).add_done_callback(_report)

    def wait(self, seconds: float = 10.0) -> None:
        """Wait until what was asked for so far is done; TimeoutError after `seconds`."""
        self._pool.submit(lambda: None).result(timeout=seconds)

    def close(self) -> None:
        """Drop what has not begun, and wait for what has."""
        self._pool.shutdown(cancel_futures=True)


def _report(job: Future[None]) -> None:
    if job.cancelled():
        return
    failure = job.exception()
    if failure is not None:  # its type only: the text could hold what somebody wrote
        log.error("the simulated carrier dropped a job: %s", type(failure).__name__)
