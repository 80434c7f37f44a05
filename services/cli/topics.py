"""`dateline topics`: Dateline's topics on a Kafka."""

from __future__ import annotations

import click

from services.cli.kafka_address import kafka_option, kafka_or_default, require_packages
from services.cli.kafka_why_away import why_away
from services.runtime.stage import Unavailable


@click.group("topics")
def command() -> None:
    """Make or check Dateline's topics on a Kafka.

    They are declared in services/contracts/topics.py; each stage with state has a changelog besides.
    """


@command.command("create")
@kafka_option
@click.option(
    "--replication",
    type=click.IntRange(1, 32767),
    metavar="N",
    help="Replicas of each partition of new topics; 3 is usual in production. Default: the cluster's default.",
)
def create(kafka: str | None, replication: int | None) -> None:
    """Make the topics that are missing and mend the settings of those that differ.

    Doing it again does nothing. Prints a line for each thing done.
    """
    require_packages()
    from services.runtime import kafka_topics

    bootstrap = kafka_or_default(kafka)
    try:
        done = kafka_topics.create(bootstrap, replication)
    except kafka_topics.TopicsError as error:
        raise click.ClickException(str(error)) from error
    except Unavailable as error:
        raise _away(bootstrap) from error
    for line in done:
        click.echo(line)
    if not done:
        click.echo(f"Every topic on {bootstrap} is as it should be.", err=True)


@command.command("check")
@kafka_option
def check(kafka: str | None) -> None:
    """Check that every topic is there and as it should be.

    Prints a line for each problem with what to do, and ends with 1 where there is one.
    """
    require_packages()
    from services.cli.kafka_ready import problem_text
    from services.runtime import kafka_topics

    bootstrap = kafka_or_default(kafka)
    try:
        problems = kafka_topics.check(bootstrap)
    except Unavailable as error:
        raise _away(bootstrap) from error
    for problem in problems:
        click.echo(problem_text(problem))
    if problems:
        raise SystemExit(1)
    click.echo(f"Every topic on {bootstrap} is as it should be.", err=True)


def _away(bootstrap: str) -> click.ClickException:
    return click.ClickException(
        f"Kafka at {bootstrap} does not answer: {why_away(bootstrap)}. Start it (`make kafka` runs one on this "
        "machine), or say --kafka HOST:PORT."
    )
