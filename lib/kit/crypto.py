"""Secrets: random tokens, their hashes, encrypted fields and the key file that opens them."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_FILE = "keys.json"


def new_token() -> str:
    """256 random bits, fit for URLs and cookies."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """How a token is kept: SHA-256, hexadecimal. Enough, because tokens are random."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one installation, newest first; older ones still open what they closed."""

    fields: tuple[str, ...]
    lookup: str
    signing: str
    cookie: str

    def seal(self, text: str | None) -> str | None:
        """Encrypts a field (AES-128-CBC with HMAC, Fernet); None and "" stay as they are."""
        return self._box.encrypt(text.encode()).decode() if text else text

    def open(self, sealed: str | None) -> str | None:
        """Decrypts a field.

        Raises:
            ValueError: no key of this ring opens it.
        """
        if not sealed:
            return sealed
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("The key file does not fit this database.") from error

    def reseal(self, sealed: str | None) -> str | None:
        """Encrypts anew under the newest key."""
        return self._box.rotate(sealed.encode()).decode() if sealed else sealed

    def fingerprint(self, text: str) -> str:
        """A keyed hash under which an encrypted field can be looked up for equality."""
        return hmac.new(self.lookup.encode(), text.encode(), hashlib.sha256).hexdigest()

    @property
    def _box(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.fields])


def load_keyring(folder: Path) -> Keyring:
    """Reads the key file of a data folder, or makes one (mode 600) at first use.

    Raises:
        PermissionError: others than its owner may read the file.
    """
    path = folder / KEY_FILE
    if not path.exists():
        _write_new(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} can be read by others. Mend it with: chmod 600 {path}")
    kept = json.loads(path.read_text())
    return Keyring(tuple(kept["fields"]), kept["lookup"], kept["signing"], kept["cookie"])


def rotate_field_key(folder: Path) -> Keyring:
    """Puts a new field key in front; run the re-encryption afterwards, then the old one may go."""
    path = folder / KEY_FILE
    kept = json.loads(path.read_text())
    kept["fields"] = [Fernet.generate_key().decode(), *kept["fields"]]
    _write(path, kept)
    return load_keyring(folder)


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {"fields": [Fernet.generate_key().decode()]}
    try:
        _write(path, fresh | {name: new_token() for name in ("lookup", "signing", "cookie")}, fresh=True)
    except FileExistsError:
        return  # another process was first; its keys count


def _write(path: Path, keys: dict[str, object], *, fresh: bool = False) -> None:
    draft = path.with_suffix(f".{secrets.token_hex(8)}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        if fresh:
            os.link(draft, path)
        else:
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
