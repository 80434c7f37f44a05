"""Settings of a command, with wrong ones told as a message for the person and not as a traceback."""

from __future__ import annotations

from typing import TypeVar

import click
from pydantic_settings import BaseSettings

from services.runtime.settings import RuntimeSettings, SettingsError, read_settings

AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def from_environment(kind: type[AnySettings]) -> AnySettings:
    """Return the settings of one kind. Raises ClickException naming each wrong variable."""
    try:
        return read_settings(kind)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def command_settings() -> RuntimeSettings:
    """Return what every process can be told. Raises ClickException naming each wrong variable."""
    return from_environment(RuntimeSettings)
