"""What a revision of an event changed, told the way a subscriber wants it: one change of a kind, with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from services.contracts.dateline.v1 import event_pb2
from services.linker.draft import Draft
from services.linker.origins import origin
from services.linker.profile import measure_key
from services.linker.status import ENDS
from services.linker.values import place_value, quantity_value, time_value

ORDER: Final = (
    "created",
    "split",
    "merged",
    "status-changed",
    "contradicted",
    "corroborated",
    "overdue",
    "detail-changed",
    "activity-changed",
    "retracted",
)
"""Kinds in the order in which one revision tells them: what matters most first."""
_DETAILS: Final = ("type", "participants", "place", "time", "copies", "overdue")


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value not in (None, "", [], {}, 0) else ""


def fields_of(event: event_pb2.Event) -> dict[str, object]:
    """Return the fields that a change may name, with JSON-able values."""
    fields: dict[str, object] = {
        "type": event.type,
        "title": event.title,
        "status": event.status,
        # Sorted: that the order of support changed is no news.
        "participants": sorted({p.entity.name or p.text for p in event.participants}),
        "place": place_value(event.place),
        "time": time_value(event.time),
        "copies": event.copies,
        "overdue": event.overdue,
        "independent_sources": list(event.independent_sources),
    }
    for state in event.quantities:
        fields[f"quantities.{measure_key(state)}"] = {
            "latest": quantity_value(state.latest),
            "low": state.low,
            "high": state.high,
        }
    return fields


def _field(name: str, before: Any, after: Any) -> event_pb2.FieldChange:
    return event_pb2.FieldChange(field=name, before=_json(before), after=_json(after))


def changes_between(
    before: event_pb2.Event | None,
    after: event_pb2.Event,
    added: Sequence[event_pb2.Mention],
) -> list[event_pb2.Change]:
    """Return the changes from ``before`` (None: the event is new) to ``after``, without ids and dates.

    ``added`` are the mentions behind ``after`` that are new.
    """
    new = fields_of(after)
    if before is None:
        return [_change("created", [_field(name, None, value) for name, value in new.items() if _json(value)], added)]
    old = fields_of(before)
    found: dict[str, event_pb2.Change] = {}
    if old["status"] != new["status"]:
        cause = after.status_history[-1].mention_id if after.status_history else ""
        causes = [m for m in added if m.id == cause]
        found["status-changed"] = _change("status-changed", [_field("status", old["status"], new["status"])], causes)
    contradicted, claimed_by = _contradictions(before, after, added)
    if contradicted:
        found["contradicted"] = _change("contradicted", contradicted, claimed_by)
    sources = [_field("independent_sources", old["independent_sources"], new["independent_sources"])]
    others = set(after.independent_sources) != set(before.independent_sources)
    gained = _bearing_out(after) - _bearing_out(before)
    if (before.status in ENDS) != (after.status in ENDS):
        # Other sources bear out the opposite: that is the move itself, and corroborates nothing told so far.
        gained = set()
        if others:
            found["status-changed"].fields.extend(sources)
            others = False
    if gained:
        causes = [m for m in added if origin(m.article).name in gained]
        found["corroborated"] = _change("corroborated", sources, causes or added)
    if after.overdue and not before.overdue:
        found["overdue"] = _change("overdue", [_field("overdue", False, True)], [])
    details = [name for name in _DETAILS if old[name] != new[name] and not (name == "overdue" and after.overdue)]
    details += sorted(name for name in old.keys() | new.keys() if "." in name and old.get(name) != new.get(name))
    fields = [_field(name, old.get(name), new.get(name)) for name in details]
    if others and not gained:
        fields += sources
    if fields:
        # A title is told only along with what it reflects.
        if old["title"] != new["title"]:
            fields.append(_field("title", old["title"], new["title"]))
        found["detail-changed"] = _change("detail-changed", fields, added)
    return [found[kind] for kind in ORDER if kind in found]


def _bearing_out(event: event_pb2.Event) -> set[str]:
    """Return the names of the origins that count as independent sources: of those who bear out the status."""
    counted = set(event.independent_sources)
    return {origin.name for origin in event.origins if counted.intersection(origin.domains)}


def _contradictions(
    before: event_pb2.Event, after: event_pb2.Event, added: Sequence[event_pb2.Mention]
) -> tuple[list[event_pb2.FieldChange], list[event_pb2.Mention]]:
    """Return the contradictions that stand in the state ``after`` and did not before, with the new mentions in them."""
    held = {(each.field, claim.value) for each in before.contradictions for claim in each.values}
    new = {mention.id: mention for mention in added}
    fields: list[event_pb2.FieldChange] = []
    causes: list[event_pb2.Mention] = []
    for each in after.contradictions:
        shown = next(claim for claim in each.values if claim.shown)
        for claim in each.values:
            if claim.shown or ((each.field, claim.value) in held and (each.field, shown.value) in held):
                continue
            # What is new is told against what was held, whichever of the two is shown from now on.
            old, told = (claim, shown) if shown.mention_id in new and claim.mention_id not in new else (shown, claim)
            fields.append(event_pb2.FieldChange(field=each.field, before=old.value, after=told.value))
            causes += [new[known] for known in (told.mention_id, old.mention_id) if known in new][:1]
    return fields, causes or list(added[:1])


def _change(
    kind: str, fields: Sequence[event_pb2.FieldChange], causes: Sequence[event_pb2.Mention]
) -> event_pb2.Change:
    change = event_pb2.Change(kind=kind, fields=fields)
    if causes:
        change.mention_id = causes[0].id
        change.article_id = causes[0].article.id
        change.article_url = causes[0].article.url
    return change


def merged(field: str, before: str, after: str) -> event_pb2.Change:
    """Return the change that tells of a merge: of ``merged_into`` on the younger event, of ``id`` on the older."""
    return _change("merged", [_field(field, before, after)], [])


def of_identity(draft: Draft) -> list[event_pb2.Change]:
    """Return the changes that tell which events were divided from this one, or it from which, or merged into it."""
    told = [_change("split", [_field("split_into", "", part)], []) for part in draft.parts]
    if draft.before is None and draft.split_from:
        told.append(_change("split", [_field("split_from", "", draft.split_from)], []))
    return told + [merged("id", absorbed, draft.id) for absorbed in draft.absorbed]


def activity(before: str, after: str) -> event_pb2.Change:
    """Return the change that tells that nothing has been heard of an event for some time, or something again."""
    return _change("activity-changed", [_field("activity", before, after)], [])


def retracted() -> event_pb2.Change:
    """Return the change that tells that every report was withdrawn."""
    return _change("retracted", [event_pb2.FieldChange(field="retracted", before="false", after="true")], [])
