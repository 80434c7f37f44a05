"""The `dateline` command. Each subcommand is a module of its own and is imported when it is used."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "up": ("services.cli.up", "Run everything on this machine, with the sample newsroom or your feeds."),
    "run": ("services.cli.run", "Run one service."),
    "replay": ("services.cli.replay", "Run articles from files through the stages and print what they make of them."),
    "extract": ("services.cli.extract", "Read one article and show its events, and why."),
    "types": ("services.cli.event_types", "List the event types with their codes and words."),
    "subscribe": ("services.cli.subscribe", "Print changes of events as they happen."),
    "feeds": ("services.cli.feeds", "Add, list, import, export and check feeds."),
    "events": ("services.cli.events", "List events, or show one."),
    "keys": ("services.cli.keys", "Make, list and revoke keys of the API."),
    "cache": ("services.cli.cache", "Rebuild the states in Redis from the log."),
    "dead-letters": ("services.cli.dead_letters", "List, show and replay messages that could not be processed."),
    "topics": ("services.cli.topics", "Make or check Dateline's topics on a Kafka."),
    "kafka": ("services.cli.kafka", "Run one Kafka broker for development on this machine."),
    "doctor": ("services.cli.doctor", "Check that this machine has what Dateline needs."),
}


class _Commands(click.Group):
    """Imports a subcommand only when it is called: `dateline events` must not wait for spaCy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        # Numpy reads this when it is first imported. A process uses one core; more processes use more.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dateline", prog_name="dateline")
def main() -> None:
    """Dateline turns news feeds into a live stream of world events.

    Start with `dateline up` and open the address it prints. Settings are environment variables that begin with
    DATELINE_; each command's --help names those it reads.
    """
