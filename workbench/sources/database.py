"""Addresses of live databases: `postgresql://user@host:5432/database`, `mysql://user@host:3306/database`.

A password comes from the address, from WORKBENCH_DB_PASSWORD, or from a file in the form of PostgreSQL's .pgpass
(`host:port:database:user:password`, readable by its owner only), for either kind of database. It is never shown:
what is stored, logged and said is `Database.shown`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from workbench.errors import ConnectionFailed

KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
PORTS = {"postgresql": 5432, "mysql": 3306}
PASSWORD_VARIABLE = "WORKBENCH_DB_PASSWORD"  # noqa: S105 - the name of a variable
_ALLOWED = {"postgresql": frozenset({"sslmode", "sslrootcert", "connect_timeout"}), "mysql": frozenset({"ssl_ca"})}
_ADDRESS = re.compile(r"^([a-z]+)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Database:
    """One live database and who asks."""

    kind: str
    """postgresql or mysql."""
    host: str
    port: int
    name: str
    user: str
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The address without user and password: what names the source in the ledger, in errors and in quarantine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}/{self.name}"

    def address(self, **options: str) -> str:
        """The whole address, password included, for a driver."""
        secret = "" if self.password is None else f":{quote(self.password, safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in {**self.options, **options}.items())
        user = quote(self.user, safe="")
        return (
            f"{self.kind}://{user}{secret}@{host}:{self.port}/{quote(self.name, safe='')}{'?' if query else ''}{query}"
        )

    def scrub(self, text: str) -> str:
        """A driver's text without the password."""
        for secret in {self.password, quote(self.password, safe="")} if self.password else ():
            text = text.replace(secret, "***")
        return text


def is_address(given: object) -> bool:
    """Whether what was given is the address of a database, not a file."""
    found = _ADDRESS.match(str(given)) if isinstance(given, str) else None
    return found is not None and found[1].lower() in KINDS


def parse_address(given: str, environment: Mapping[str, str] | None = None) -> Database:
    """The database of an address.

    Raises ConnectionFailed, which never repeats the password, when a part is missing or an option is not known.
    """
    parts = urlsplit(given)
    kind = KINDS[parts.scheme.lower()]
    example = f"{kind}://reader@127.0.0.1:{PORTS[kind]}/database"
    try:
        port = parts.port or PORTS[kind]
    except ValueError as exc:
        raise ConnectionFailed("The address has a port that is no number.", fix=f"Write it as {example}.") from exc
    name = unquote(parts.path.strip("/"))
    for what, value in (("host", parts.hostname), ("database", name), ("user", parts.username)):
        if not value:
            raise ConnectionFailed(f"The address names no {what}.", fix=f"Write it as {example}.", missing=what)
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - _ALLOWED[kind]):
        raise ConnectionFailed(
            f"The address has the option {unknown[0]!r}.", fix=f"Use: {', '.join(sorted(_ALLOWED[kind]))}.",
            option=unknown[0],
        )  # fmt: skip
    host, user = str(parts.hostname), unquote(str(parts.username))
    database = Database(kind, host, port, name, user, None, options)
    environment = os.environ if environment is None else environment
    given_here = None if parts.password is None else unquote(parts.password)
    secret = given_here or environment.get(PASSWORD_VARIABLE) or _from_file(database, environment)
    return Database(kind, host, port, name, user, secret, options)


def _from_file(database: Database, environment: Mapping[str, str]) -> str | None:
    path = Path(environment.get("PGPASSFILE") or Path.home() / ".pgpass")
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return None  # as libpq does: a file others may read holds no secret
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return None
    wanted = (database.host, str(database.port), database.name, database.user)
    for line in lines:
        fields = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\):", line)]
        if len(fields) == 5 and all(have in ("*", want) for have, want in zip(fields, wanted, strict=False)):
            return fields[4]
    return None
