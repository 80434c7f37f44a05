"""`dateline dead-letters`: what could not be processed, why, and once more."""

from __future__ import annotations

import click
import orjson
from google.protobuf.json_format import MessageToDict

from services.cli.letter_box import LetterBox, open_box
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.instants import from_timestamp, to_rfc3339
from services.contracts.topics import BY_NAME
from services.runtime.dead_letters import Resent
from services.runtime.stage import Unavailable


@click.group("dead-letters")
def command() -> None:
    """List, show and replay messages that a stage could not process.

    Works on Kafka if DATELINE_KAFKA names one, else on the embedded log (DATELINE_REDIS_URL); where neither is set, on
    the log of the `dateline up` that runs on this data folder.
    """


def _letters(box: LetterBox) -> list[tuple[str, DeadLetter]]:
    try:
        return box.letters()
    except Unavailable as error:
        raise click.ClickException(f"{error}. {box.advice}") from error


def _find(box: LetterBox, letter_id: str) -> tuple[str, DeadLetter]:
    found = [pair for pair in _letters(box) if pair[1].id.startswith(letter_id)]
    if not found:
        raise click.ClickException(f"no dead letter {letter_id}: `dateline dead-letters list` shows those there are")
    if len({letter.id for _, letter in found}) > 1:
        raise click.ClickException(f"{letter_id} begins the ids of {len(found)} dead letters: give more of it")
    return found[-1]


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_letters(as_json: bool) -> None:
    """List dead letters, oldest first."""
    letters = _letters(open_box())
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
    _, letter = _find(open_box(), letter_id)
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
    box = open_box()
    chosen = _letters(box) if all_ else [_find(box, letter_id) for letter_id in letter_ids]
    for _, letter in chosen:
        if letter.topic not in BY_NAME:
            raise click.ClickException(f"{letter.id}: this Dateline has no topic {letter.topic!r}")
    try:
        for (_, letter), sent in zip(chosen, box.replay(chosen), strict=True):
            click.echo(f"{letter.id} {_told(sent, letter)}")
    except Unavailable as error:
        raise click.ClickException(f"{error}. {box.advice}") from error


def _told(sent: Resent, letter: DeadLetter) -> str:
    if sent is Resent.SUPERSEDED:
        return f"is done with: {letter.topic} holds a newer state of {letter.key}, which stands"
    return f"sent to {letter.topic}" if sent else "is gone: somebody else replayed it"
