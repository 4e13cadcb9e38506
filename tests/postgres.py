"""A PostgreSQL of the tests' own: a throw-away cluster on a Unix socket, from Debian's packages."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=200"

MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where no commit waits for a disk, if the machine has such a place."""

SHARED = "backtalk"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

EMPTY = """
SET session_replication_role = replica;  -- no foreign key stands in the way
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT tablename FROM pg_tables
   WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', each);
  END LOOP;
END $$;
SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';
"""


class Cluster:
    """One running server; `template` databases are copied for each test."""

    def __init__(self) -> None:
        if not BINARIES:
            raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
        self._binaries = BINARIES[-1]
        self.folder = Path(tempfile.mkdtemp(prefix="backtalk-pg-", dir=MEMORY))
        self._as_owner: list[str] = []
        self._emptier: psycopg.Connection | None = None
        self._empty: frozenset[str] = frozenset()
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._as_owner = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "-N")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses='' {QUICK}"
        where = ("-D", f"{self.folder}/data", "-l", f"{self.folder}/log")
        self._run("pg_ctl", *where, "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is a crash."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", mode, "-w", "stop")

    def freeze(self) -> None:
        """Let every process of it stand still: connections stay open and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        """First the postmaster, so that it starts nobody meanwhile, then its children."""
        main = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(main, number)
        for child in Path(f"/proc/{main}/task/{main}/children").read_text().split():
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(int(child), number)

    def remove(self) -> None:
        """Stop and delete it."""
        self.stop("fast")  # a crash would leave its shared memory behind
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of one of its databases, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database and return its address."""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def fresh(self, template: str) -> str:
        """The address of the one copy of `template` that tests share, empty but for its tables.

        The copy of the test before is emptied, by a connection that stays open and knows its tables: a
        hundred times quicker than a new one, which is made only where that test has left other tables
        behind, or the server was stopped.
        """
        try:
            if self._emptier and _tables(self._emptier) == self._empty:
                self._emptier.execute(EMPTY)
                return self.url(SHARED)
        except psycopg.OperationalError:
            pass
        self.drop(SHARED)
        url = self.create(SHARED, template)
        self._emptier = psycopg.connect(url, autocommit=True)
        self._empty = _tables(self._emptier)
        return url

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [*self._as_owner, f"{self._binaries}/{program}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


def _tables(connection: psycopg.Connection) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute(TABLES))
