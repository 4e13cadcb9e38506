"""The clinic's other channels (e-mail, a chat, a pager), by apprise: BACKTALK_ALERT_URLS names them."""

import logging

import apprise

from service.errors import SettingsError

logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its warnings hold addresses and tokens

log = logging.getLogger(__name__)


class Channels:
    """Tells a few words to every channel. SettingsError for an address that apprise does not know."""

    def __init__(self, urls: str) -> None:
        self._all = apprise.Apprise()
        for place, url in enumerate(urls.split(), 1):
            if not self._all.add(url):
                raise SettingsError(
                    f"BACKTALK_ALERT_URLS: apprise does not know the {place}. address"
                )

    def __len__(self) -> int:
        return len(self._all)

    def tell(self, title: str, says: str) -> bool:
        """Tell all of them, in this thread; whether every one took it. True when there is none."""
        took = not len(self) or bool(self._all.notify(body=says, title=title))
        if not took:
            log.error("one of BACKTALK_ALERT_URLS did not take an alert: run `backtalk doctor`")
        return took
