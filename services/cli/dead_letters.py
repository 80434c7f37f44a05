"""`dateline dead-letters`: what could not be processed, why, and once more."""

from __future__ import annotations

import click
import orjson
from google.protobuf.json_format import MessageToDict

from services.cli.environment import command_settings
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.instants import from_timestamp, to_rfc3339
from services.contracts.topics import BY_NAME
from services.runtime.stage import Unavailable
from services.runtime.stream_log import StreamLog, connect
from services.runtime.valkey import redis_url


@click.group("dead-letters")
def command() -> None:
    """List, show and replay messages that a stage could not process.

    Works on the log of a running Dateline (DATELINE_REDIS_URL, or the data folder's).
    """


def _log() -> StreamLog:
    settings = command_settings()
    return StreamLog(connect(settings.redis_url or redis_url(settings.data)), source="dead-letters")


def _letters() -> list[tuple[str, DeadLetter]]:
    try:
        return _log().dead_letters()
    except Unavailable as error:
        raise click.ClickException(f"{error}. Start Dateline with `dateline up`, or set DATELINE_REDIS_URL.") from error


def _find(letter_id: str) -> tuple[str, DeadLetter]:
    found = [pair for pair in _letters() if pair[1].id.startswith(letter_id)]
    if not found:
        raise click.ClickException(f"no dead letter {letter_id}: `dateline dead-letters list` shows those there are")
    if len({letter.id for _, letter in found}) > 1:
        raise click.ClickException(f"{letter_id} begins the ids of {len(found)} dead letters: give more of it")
    return found[-1]


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_letters(as_json: bool) -> None:
    """List dead letters, oldest first."""
    letters = _letters()
    for _, letter in letters:
        if as_json:
            click.echo(orjson.dumps(MessageToDict(letter, preserving_proto_field_name=True)).decode())
        else:
            failed_at = to_rfc3339(from_timestamp(letter.failed_at))[:19]
            click.echo(
                f"{letter.id}  {failed_at}  {letter.stage:<10} {letter.topic:<20} {letter.error.splitlines()[0]}"
            )
    if not letters and not as_json:
        click.echo("No dead letters.", err=True)


@command.command("show")
@click.argument("letter_id", metavar="ID")
def show(letter_id: str) -> None:
    """Print one dead letter: its message, decoded where it can be, and what went wrong. The start of the id will do."""
    _, letter = _find(letter_id)
    record = MessageToDict(letter, preserving_proto_field_name=True)
    try:
        value = BY_NAME[letter.topic].value.FromString(letter.value)
        record["value_decoded"] = MessageToDict(value, preserving_proto_field_name=True)
    except Exception as error:
        record["value_decoded"] = None
        record["value_problem"] = f"the bytes are no message of {letter.topic}: {error}"
    click.echo(orjson.dumps(record, option=orjson.OPT_INDENT_2).decode())


@command.command("replay")
@click.argument("letter_ids", nargs=-1, metavar="[ID...]")
@click.option("--all", "all_", is_flag=True, help="Replay every dead letter.")
def replay(letter_ids: tuple[str, ...], all_: bool) -> None:
    """Send messages to their topics once more, byte for byte, and remove their dead letters. One step each."""
    if bool(letter_ids) == all_:
        raise click.UsageError("name dead letters by their ids, or say --all")
    chosen = _letters() if all_ else [_find(letter_id) for letter_id in letter_ids]
    for position, letter in chosen:
        if letter.topic not in BY_NAME:
            raise click.ClickException(f"{letter.id}: this Dateline has no topic {letter.topic!r}")
        try:
            sent = _log().resend(position, letter)
        except Unavailable as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{letter.id} {f'sent to {letter.topic}' if sent else 'is gone: somebody else replayed it'}")
