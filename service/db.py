"""The database: engine, column types, and the only commit.

One program runs on two databases. PostgreSQL serves any number of processes; SQLite (WAL,
synchronous=FULL) is embedded and serves one process, whose writers take turns under a lock because
SQLite's own waiting polls and is slow to hand over.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Index,
    Insert,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from service import patience
from service.config import Settings
from service.crypto import Keyring, parse_data_keys

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must never reach the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = cast(datetime, value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """Text encrypted at rest, bound to its table and column (`place`, "table.column")."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return keyring_of(dialect).encrypt(value.encode("utf-8", "surrogatepass"), self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        plain = keyring_of(dialect).decrypt(bytes(value), self.place)
        return plain.decode("utf-8", "surrogatepass")


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON value encrypted at rest, bound to its table and column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return keyring_of(dialect).encrypt(json.dumps(value).encode(), self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.loads(keyring_of(dialect).decrypt(bytes(value), self.place))


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes (audio) encrypted at rest, bound to their table and column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring_of(dialect).encrypt(value, self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring_of(dialect).decrypt(bytes(value), self.place)


def keyring_of(dialect: Dialect) -> Keyring:
    """The keyring that `Database` gave to this engine."""
    return cast(Keyring, dialect.keyring)  # type: ignore[attr-defined]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment()}


class Database:
    """An engine with the keys of the columns it stores, and its transactions."""

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.keyring = keyring
        self.embedded = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.embedded else _postgresql_engine(url)
        self.engine.dialect.keyring = keyring  # type: ignore[attr-defined]
        self._writer = threading.Lock() if self.embedded else nullcontext()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The database that the settings name; SettingsError when its keys are not right."""
        keyring = Keyring(parse_data_keys(settings.data_keys), settings.secret_key)
        return cls(settings.sqlalchemy_url, keyring)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: committed when the block ends well, else rolled back. Do not nest."""
        with self._writer, Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view for reading; what is written here is thrown away."""
        connection = self.engine.connect().execution_options(reading=True)
        with connection, Session(connection, expire_on_commit=False) as session:
            yield session

    def answers(self) -> bool:
        """True when the database answers a trivial query; raises what the driver raises if not."""
        with self.reading() as session:
            return bool(session.scalar(text("SELECT 1")))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that `where` (SQL) selects, on both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


def insert_if_new(session: Session, table: type[Base], **values: Any) -> int | None:
    """Insert a row unless a unique key stands in the way; its id, or None when it was there before.

    The natural key decides, in the database, so two processes that try at once have one winner.
    """
    session.flush()
    insert = _insert_if_new(table, session.get_bind().dialect.name)
    return cast("int | None", session.execute(insert, values).scalar())


@cache
def _insert_if_new(table: type[Base], dialect: str) -> Insert:
    """Built once: building a statement takes as long as running it."""
    build = sqlite_insert if dialect == "sqlite" else postgresql_insert
    target = cast(Table, table.__table__)
    return build(target).on_conflict_do_nothing().returning(target.c.id)


def any_of(
    column: ColumnElement[str] | InstrumentedAttribute[str], values: Iterable[str]
) -> ColumnElement[bool]:
    """`column IN values`, for a statement that is built once: `in_` is expanded anew at every execution."""
    return or_(*(column == value for value in values))


def changed(result: Any) -> int:
    """How many rows an UPDATE or DELETE touched."""
    return cast("CursorResult[Any]", result).rowcount


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
        try:  # straight to the driver: by way of the engine it costs as much as a query
            cast(sqlite3.Connection, connection.connection.driver_connection).execute(begin)
        except sqlite3.Error as error:
            raise OperationalError(begin, None, error) from error

    return engine


def _postgresql_engine(url: str) -> Engine:
    limits = "-c lock_timeout=5s -c statement_timeout=30s"
    options = f"{limits} -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options},
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: Any, parameters: Any) -> Any:
        return patience.connect(*args, **parameters)

    return engine


def all_tables() -> Sequence[str]:
    """The names of all tables, in an order in which they can be filled."""
    return [table.name for table in Base.metadata.sorted_tables]
