"""How this installation is set up: TOME_* variables over one TOML file, every fault named at once."""

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

HOME = Path(__file__).resolve().parents[2]
CONFIG_NAME = "tome.toml"
SAMPLES = {"changeme", "change-me", "secret", "password", "sample", "example"}


class Mode(StrEnum):
    """`demo` shows itself with known accounts; `production` refuses them."""

    DEMO = "demo"
    PRODUCTION = "production"


class ConfigFault(Exception):
    """The configuration cannot be used. `faults` are sentences: name, what is wrong, what is expected."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Config(BaseSettings):
    """Every value may be given as TOME_<NAME> or in tome.toml; the environment wins."""

    model_config = SettingsConfigDict(env_prefix="TOME_", extra="ignore", frozen=True)

    mode: Mode = Field(Mode.PRODUCTION, description="demo or production")
    data_dir: Path = Field(HOME / "data", description="folder for the SQLite database, files, keys and logs")
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host/name; empty means SQLite in the data folder"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8501, ge=1, le=65535, description="port to listen on")
    public_url: AnyHttpUrl | None = Field(None, description="the address readers use, for links in mails")
    trusted_proxies: str = Field("", description="addresses of reverse proxies whose X-Forwarded-For counts, by comma")
    metrics_token: SecretStr | None = Field(None, description="lets /metrics be read from other machines")
    admin_email: str | None = Field(None, description="makes the first admin without the set-up link")
    admin_password: SecretStr | None = Field(None, description="password of that first admin (12 characters or more)")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="one JSON object a line instead of readable lines")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: SecretStr | None) -> SecretStr | None:
        text = url.get_secret_value() if url else ""
        if not text:
            return None
        if not text.startswith(("postgresql://", "postgresql+psycopg://", "postgres://", "sqlite:///")):
            raise ValueError("expected postgresql://user:password@host/name or sqlite:///path/to/file")
        return url

    @model_validator(mode="after")
    def _no_sample_secrets(self) -> "Config":
        if self.mode is not Mode.PRODUCTION:
            return self
        for name in ("metrics_token", "admin_password"):
            secret: SecretStr | None = getattr(self, name)
            value = secret.get_secret_value() if secret else None
            if value is not None and (len(value) < 12 or value.lower().strip() in SAMPLES):
                raise ValueError(f"TOME_{name.upper()} is too short or a sample; use 12 characters or more of your own")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=_read_file())

    @property
    def url(self) -> str:
        """The database as a SQLAlchemy URL."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / 'library.db'}"
        text = self.database_url.get_secret_value()
        for short in ("postgres://", "postgresql://"):
            if text.startswith(short):
                return "postgresql+psycopg://" + text.removeprefix(short)
        return text

    @property
    def proxies(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def base_url(self) -> str:
        """Where readers find this library; no slash at the end."""
        return str(self.public_url).rstrip("/") if self.public_url else f"http://localhost:{self.port}"


def config_path() -> Path | None:
    """The TOML file in force: TOME_CONFIG, or tome.toml in the data folder or beside the code."""
    if named := os.environ.get("TOME_CONFIG"):
        return Path(named)
    places = [Path(os.environ.get("TOME_DATA_DIR") or HOME / "data"), HOME]
    return next((place / CONFIG_NAME for place in places if (place / CONFIG_NAME).is_file()), None)


def _read_file() -> dict[str, Any]:
    path = config_path()
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigFault([f"{path}: cannot be read ({error.strerror}); give TOME_CONFIG a readable file."]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFault([f"{path}: is not TOML ({error})."]) from error


def load_config(**given: Any) -> Config:
    """Reads the configuration.

    Raises:
        ConfigFault: listing every fault, each with the variable's name and the form that is expected.
    """
    strange = _unknown_names()
    try:
        config = Config(**given)
    except ValidationError as error:
        raise ConfigFault(strange + [_sentence(fault) for fault in error.errors()]) from error
    if strange:
        raise ConfigFault(strange)
    return config


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    field = Config.model_fields.get(name)
    expected = f" Expected: {field.description}." if field is not None else ""
    return f"{'TOME_' + name.upper() + ': ' if name else ''}{fault['msg']}.{expected}"


def _unknown_names() -> list[str]:
    known = {f"TOME_{name.upper()}" for name in Config.model_fields} | {"TOME_CONFIG"}
    odd = sorted(name for name in os.environ if name.startswith("TOME_") and name not in known)
    odd += sorted(name for name in _read_file() if name not in Config.model_fields)
    return [f"{name}: there is no such setting. Known: {', '.join(sorted(known))}." for name in odd]
