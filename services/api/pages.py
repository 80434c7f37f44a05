"""Renders the board's pages and the pieces that live updates put into them. Everything is escaped by Jinja."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.api import phrases
from services.api.feed_rows import CONDITIONS, FeedRow
from services.api.problem import KINDS, Problem
from services.api.view import Card, Detail, Tick
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES


class Pages:
    """The templates, loaded once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("services.api"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(label=phrases.label, topic_title=phrases.topic, instant=phrases.instant)
        self._templates.globals.update(statuses=STATUSES, topics=TOPIC_FAMILIES)

    def index(
        self,
        cards: list[Card],
        ticks: list[Tick],
        filters: Any,
        followed: str,
        choices: str,
        position: str,
        older: str,
        newest: bool,
        not_kept: int,
        feed_query: str,
    ) -> str:
        """Return the board. ``filters`` are those chosen, ``choices`` and ``followed`` the same as queries of the board
        and of the stream of changes. ``older`` is the address of the next page; ``newest`` says that this is the first;
        ``not_kept`` of how many events a past moment is not known;
        ``feed_query`` is what to append to the address of a feed for the events shown.
        """
        return self._templates.get_template("index.html").render(
            cards=cards,
            ticks=ticks,
            filters=filters,
            followed=followed,
            choices=choices,
            position=position,
            older=older,
            newest=newest,
            not_kept=not_kept,
            feed_query=feed_query,
        )

    def detail(self, detail: Detail, position: str, as_of: str = "") -> str:
        """Return the page of one event."""
        return self._templates.get_template("event.html").render(
            event=detail, card=detail.card, position=position, as_of=as_of
        )

    def card(self, card: Card) -> str:
        """Return one event of the list."""
        return self._templates.get_template("card.html").render(card=card)

    def tick(self, tick: Tick) -> str:
        """Return one line of the ticker."""
        return self._templates.get_template("tick.html").render(tick=tick)

    def feeds(self, rows: list[FeedRow]) -> str:
        """Return the page of feeds."""
        counts = {word: sum(row.condition == word for row in rows) for word in CONDITIONS}
        return self._templates.get_template("feeds.html").render(feeds=rows, counts=counts)

    def error(self, problem: Problem) -> str:
        """Return a page that says what went wrong and what to do."""
        return self._templates.get_template("error.html").render(
            title=KINDS[problem.kind].title, detail=problem.detail, status=problem.status
        )
