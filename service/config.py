"""Settings: from the environment or `.env`. What the clinic is stands in messages/clinic.toml."""

import base64
import os
import secrets
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
SIMULATED_LINE = "+18045550100"


class Settings(BaseSettings):
    """Every setting the product reads; README lists them with their meaning."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", frozen=True)

    database_url: str = Field("", alias="DATABASE_URL")
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    twilio_account_sid: str = Field("", alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str = Field("", alias="TWILIO_AUTH_TOKEN", repr=False)
    twilio_messaging_service_sid: str = Field("", alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_api_url: str = Field("", alias="TWILIO_API_URL")
    line_number: str = Field("", alias="BACKTALK_LINE_NUMBER")
    public_url: str = Field("", alias="BACKTALK_PUBLIC_URL")
    secret_key: str = Field("", alias="BACKTALK_SECRET_KEY", repr=False)
    data_keys: str = Field("", alias="BACKTALK_DATA_KEYS", repr=False)
    alert_urls: str = Field("", alias="BACKTALK_ALERT_URLS", repr=False)
    messages_dir: Path = Field(ROOT / "messages", alias="BACKTALK_MESSAGES_DIR")
    spool_dir: str = Field("", alias="BACKTALK_SPOOL_DIR")
    log_level: str = Field("INFO", alias="BACKTALK_LOG_LEVEL")

    @property
    def simulated(self) -> bool:
        """True when no Twilio account is set: the simulated carrier and /phone take its place."""
        return not self.twilio_account_sid

    @property
    def embedded(self) -> bool:
        """True on SQLite, where one process does it all."""
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def spool_folder(self) -> Path:
        """Where webhooks wait while the database is away: on a disk that outlives the process."""
        if self.spool_dir:
            return Path(self.spool_dir)
        if self.embedded:
            return Path(self.sqlalchemy_url.removeprefix("sqlite:///") + "-spool")
        return VAR / "spool"

    @property
    def sqlalchemy_url(self) -> str:
        """DATABASE_URL for SQLAlchemy: postgres:// and postgresql:// go through psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{VAR / 'backtalk.sqlite3'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        if scheme in ("sqlite", "postgresql+psycopg"):
            return self.database_url
        raise SettingsError(
            f"DATABASE_URL: unknown kind of database {scheme!r}; use postgresql:// or sqlite:///"
        )


def load_settings() -> Settings:
    """Read and check the settings; SettingsError names the one that is missing or wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{first['loc'][0]}: {first['msg']}") from error
    settings = _with_local_keys(settings) if settings.embedded else settings
    if settings.simulated:
        return _simulated(settings)
    for name, value in (
        ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token),
        ("BACKTALK_LINE_NUMBER", settings.line_number),
        ("BACKTALK_PUBLIC_URL", settings.public_url),
    ):
        if not value:
            raise SettingsError(f"{name} is not set, and TWILIO_ACCOUNT_SID is: set both")
    return _checked(settings)


def _simulated(settings: Settings) -> Settings:
    local = f"http://127.0.0.1:{settings.port}"
    return _checked(
        settings.model_copy(
            update={
                "line_number": settings.line_number or SIMULATED_LINE,
                "public_url": settings.public_url or local,
                "twilio_api_url": settings.twilio_api_url or local,
                "twilio_messaging_service_sid": "",  # a real one is unknown to the simulated carrier
            }
        )
    )


def _checked(settings: Settings) -> Settings:
    if len(settings.secret_key) < 32:
        raise SettingsError(
            "BACKTALK_SECRET_KEY is missing or shorter than 32 characters: make one with "
            "`openssl rand -base64 32`"
        )
    if not settings.data_keys:
        raise SettingsError(
            "BACKTALK_DATA_KEYS is not set: make a key with `openssl rand -base64 32`"
        )
    if not (settings.line_number.startswith("+") and settings.line_number[1:].isdigit()):
        raise SettingsError("BACKTALK_LINE_NUMBER must be E.164, for example +18045550100")
    if not settings.public_url.startswith(("http://", "https://")):
        raise SettingsError("BACKTALK_PUBLIC_URL must begin with https:// (or http:// on loopback)")
    return settings.model_copy(update={"public_url": settings.public_url.rstrip("/")})


def _with_local_keys(settings: Settings) -> Settings:
    """On the embedded database both keys are made on the first start, readable by the owner alone."""
    update = {
        name: _kept_key(VAR / file)
        for name, file in (("secret_key", "secret.key"), ("data_keys", "data.key"))
        if not getattr(settings, name)
    }
    return settings.model_copy(update=update)


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = base64.b64encode(secrets.token_bytes(32)).decode()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
    return path.read_text().strip()
