"""Files by content: each kept once under its SHA-256, written whole or not at all."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder of files named by their own SHA-256."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keeps bytes; returns their SHA-256 (hexadecimal). The same bytes again cost nothing."""
        digest = hashlib.sha256(content).hexdigest()
        place = self.path(digest)
        if place.exists():
            os.utime(place)  # the night deletes what is unused and old
            return digest
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{secrets.token_hex(8)}.tmp")
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)
        return digest

    def path(self, digest: str) -> Path:
        """Where the file with this SHA-256 lies.

        Raises:
            ValueError: that is no SHA-256.
        """
        if len(digest) != 64 or not all(char in "0123456789abcdef" for char in digest):
            raise ValueError("not a SHA-256")
        return self.folder / digest[:2] / digest

    def get(self, digest: str) -> bytes:
        """The bytes.

        Raises:
            FileNotFoundError: nothing is kept under this SHA-256.
        """
        return self.path(digest).read_bytes()
