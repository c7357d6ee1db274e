"""Names and identity numbers become keyed hashes before they reach the store.

HMAC-SHA256 with a key of 32 random bytes in a file beside the store: the same officer or applicant has the same
hash in every load of a store, and nobody without the file can find a name by hashing a list of names. The hash is
computed by the engine for all rows at once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from workbench.errors import StoreError
from workbench.intake.values import literal
from workbench.intake.variables import Variables

_BLOCK = 64
LENGTH = 24
"""Hex digits kept: 96 bits, enough that a nation's applicants do not collide."""
PLACEHOLDER_IDS = r"^(0+\d?|1+|9+|123456789(0|012)?)$"
"""Identity numbers senders write when they have none, 000000001 above all."""


def key_file(store: Path) -> Path:
    """Where the key of a store lies."""
    return store.with_name(store.name + ".key")


def load_key(store: Path) -> tuple[bytes, bool]:
    """The store's key and whether it was made now; the file is readable by its owner only.

    Raises StoreError when the file is there but is no key.
    """
    path = key_file(store)
    if path.exists():
        text = path.read_text("ascii", "replace").strip()
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) < 16:
            raise StoreError(
                f"{path} is not a key file.", fix="Put the store's own key file back; without it people of earlier "
                "loads cannot be recognised.", path=str(path),
            )  # fmt: skip
        return key, False
    key = secrets.token_bytes(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key, True


class Hasher:
    """SQL for the keyed hash of a text; the identity when hashing is switched off."""

    def __init__(self, variables: Variables, key: bytes | None) -> None:
        self.on = key is not None
        if key is not None:
            padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
            self._inner = variables.put(bytes(byte ^ 0x36 for byte in padded))
            self._outer = variables.put(bytes(byte ^ 0x5C for byte in padded))

    def key(self, value: str) -> str:
        """SQL for the key of a cleaned text: upper and lower case are one person."""
        if not self.on:
            return value
        inner = f"unhex(sha256({self._inner} || encode(lower({value}))))"
        return f"left(sha256({self._outer} || {inner}), {LENGTH})"


def applicant(identity: str | None, email: str | None, phone: str | None, name: str | None) -> str:
    """SQL for what identifies an applicant: the number unless a placeholder, else mail, telephone, name."""
    parts = []
    if identity is not None:
        digits = f"regexp_replace({identity}, '[ .-]', '', 'g')"
        parts.append(f"case when not regexp_matches({digits}, {literal(PLACEHOLDER_IDS)}) then {digits} end")
    parts += [value for value in (email, phone, name) if value is not None]
    return f"coalesce({', '.join(parts)})" if parts else "null::varchar"
