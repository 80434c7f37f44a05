"""One event as one sentence tells it, before it becomes a message: what all the readers of a sentence found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from spacy.tokens import Doc, Span, Token

from services.extractor.actors import ActorResolver
from services.extractor.arguments import speaker
from services.extractor.attribution import FoundAttribution, find_attribution
from services.extractor.entities import Actor
from services.extractor.eventtimes import event_time
from services.extractor.frames import frame
from services.extractor.genericity import is_generic
from services.extractor.kinds import is_proper, is_verb
from services.extractor.lands import joint_lands, joint_peoples, people_of, with_land
from services.extractor.lexicon import word_classes
from services.extractor.nounphrases import governing_verb, owners, prepositions
from services.extractor.phrases import Part, phrase
from services.extractor.placerecord import Place
from services.extractor.places import find_place
from services.extractor.quantities import FoundQuantity, find_quantities
from services.extractor.roles import participants
from services.extractor.roletypes import HARMFUL_TO_SITES, OF_PERSONS, OF_THINGS
from services.extractor.sentences import Sentence
from services.extractor.status import Status, status
from services.extractor.times import speaks_of_past, told_day
from services.extractor.timespans import TimeSpan
from services.extractor.triggers import Trigger

_PAST: Final = frozenset({"occurred", "ongoing"})
_FUTURE: Final = frozenset({"planned", "agreed"})
_REPORT_DAY: Final = frozenset({"occurred", "ongoing", "agreed"})
"""An event in one of these, told without a date, is dated by the day of the report."""
_LONG_AGO: Final = frozenset(
    {"subsequently", "later", "then", "previously", "formerly", "once", "earlier", "originally"}
)
_JUDGED: Final = frozenset({"wrongfully", "unjustly", "unlawfully", "arbitrarily", "wrongly", "falsely"})
"""Said of what is known already: "a teacher who was deemed |wrongfully| detained"."""
MAX_PARTICIPANTS: Final = 16
"""Lists of more names (the signatories of a letter) say nothing of who acts."""
_SPOKEN: Final = frozenset(
    {"criticism", "accusation", "endorsement", "warning", "demand", "refusal", "threat", "dispute", "pledge"}
)
"""Words are events once they are spoken: who is "willing to criticise" has not done so."""
_MEANT: Final = frozenset({"considered", "planned"})
_UNSPOKEN: Final = {"endorsement": frozenset({"considered"})}
"""Support that is announced ("will support the bid") is news of its own."""
_SPOKESMEN: Final = frozenset({"spokesman", "spokeswoman", "spokesperson", "spokesmen", "spokespeople"})
"""What they say and do is said and done by whom they speak for."""
_MASSES: Final = frozenset({"thousands", "hundreds", "dozens", "scores", "millions", "many", "others", "several"})
"""Numbers that stand for people: "thousands marched"."""
_OBJECTS: Final = frozenset({"dobj", "nsubjpass", "nsubj", "conj"})
_ABSTRACT: Final = ("tion", "sion", "ness", "ism", "ance", "ency", "ity", "ing", "ment", "age", "sis", "ure")
"""Endings of nouns that name no one; those of bodies ("administration") are in the word classes."""
_OFFERED: Final = frozenset({"offered", "offers", "pledged", "pledges", "promised", "promises"})
_NEED_LEAVE: Final = frozenset({"merger", "arms-deal", "investment"})
"""Deals that are carried out only after authorities have let them pass."""
_LEAVE: Final = frozenset(
    {
        "clear", "clears", "cleared", "clearing", "wave", "waves", "waved", "light", "green-light", "go-ahead", "nod",
        "clearance", "blessing", "consent", "leave",
    }
)  # fmt: skip
"""Words of letting pass, where they govern a deal: "Brussels cleared the takeover", "gave the green light to it"."""
_ACTING_ROLES: Final = frozenset({"source", "party"})


@dataclass(frozen=True, slots=True)
class FoundParticipant:
    """Somebody or something that takes part, resolved where it could be."""

    role: str
    text: str
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as one sentence tells it."""

    trigger: Trigger
    sentence: Sentence
    status: Status
    participants: tuple[FoundParticipant, ...]
    place: Place | None
    time: TimeSpan | None
    quantities: tuple[FoundQuantity, ...]
    attribution: FoundAttribution | None

    @property
    def type(self) -> str:
        """The event type."""
        return self.trigger.type

    @property
    def actors(self) -> frozenset[str]:
        """Ids of everybody who was recognised."""
        return frozenset(found.actor.entity_id for found in self.participants if found.actor is not None)

    @property
    def parties(self) -> frozenset[str]:
        """Ids and countries of everybody who was recognised: a leader and the country they lead are one party."""
        countries = (found.actor.country for found in self.participants if found.actor is not None)
        return self.actors | frozenset(country for country in countries if country)

    @property
    def dated(self) -> bool:
        """True where the text says when."""
        return self.time is not None and self.time.origin == "text"

    def with_participants(self, more: Sequence[FoundParticipant]) -> Draft:
        """Return the draft with ``more`` participants, each once."""
        return replace(self, participants=distinct([*self.participants, *more]))


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for a whole article while its sentences are read."""

    published: datetime
    resolver: ActorResolver
    publisher_country: str = ""
    countries: dict[str, int] = field(default_factory=dict)


def distinct(found: Sequence[FoundParticipant]) -> tuple[FoundParticipant, ...]:
    """Return each participant once: by its id, or by its words where it was not recognised; the first role counts."""
    kept: dict[str, FoundParticipant] = {}
    for each in found:
        kept.setdefault(each.actor.entity_id if each.actor is not None else each.text.lower(), each)
    return tuple(kept.values())[:MAX_PARTICIPANTS]


def _text(span: Span) -> str:
    words = " ".join(str(span.text).split()).strip(" ,;:“”\"'‘’")
    for article in ("the ", "a ", "an ", "The ", "A ", "An "):
        if words.startswith(article):
            return words[len(article) :]
    return words


def _nameable(head: Token) -> bool:
    """True for a noun that says who or what, though no gazetteer knows it: "two dockers", "a ferry"."""
    classes = word_classes()
    return bool(
        is_proper(head)
        or any(
            head.lower_ in classes[name]
            for name in ("person", "worker", "vehicle", "org", "group", "police", "prisoner")
        )
    )


def _may_act(head: Token) -> bool:
    """True for a noun in the place of an actor, unless it is a thing that news makes act: "reports accused"."""
    classes = word_classes()
    acting = head.dep_ in ("nsubj", "conj") or (head.dep_ == "pobj" and head.head.dep_ == "agent")
    abstract = head.tag_ == "NN" and head.lower_.endswith(_ABSTRACT)
    named = (
        head.tag_.startswith("NN")
        and not abstract
        and not any(head.lower_ in classes[name] for name in ("thing", "weather", "weapon", "happening"))
    )
    return bool(acting and named)


def _may_suffer(head: Token, event_type: str) -> bool:
    """True for what an event of its type happens to, though it has no name and stands in no word class.

    "Hit a fuel depot", "rolled out a phone", "arrested a missionary": only persons are arrested.
    """
    classes = word_classes()
    if event_type in OF_PERSONS:
        things = ("thing", "happening", "site", "facility", "weapon", "vehicle", "weather", "crime")
        person = not any(head.lower_ in classes[name] for name in things) and not head.lower_.endswith(_ABSTRACT)
        return bool(head.tag_ in ("NN", "NNS") and person and head.dep_ in _OBJECTS)
    if event_type in OF_THINGS:
        return bool(head.tag_ in ("NN", "NNS") and not head.lower_.endswith(_ABSTRACT) and head.dep_ in _OBJECTS)
    return event_type in HARMFUL_TO_SITES and head.lower_ in classes["site"] | classes["facility"]


def _resolve(part: Part, resolver: ActorResolver, event_type: str = "") -> list[FoundParticipant]:
    text = _text(part.span)
    head = part.span.root
    if head.lower_ in _SPOKESMEN:
        for thing in prepositions(head).get("for", ()):
            if speaking := resolver.resolve_all(phrase(thing)):
                return [FoundParticipant(part.role, text, actor) for actor in speaking]
    actors = resolver.resolve_all(part.span)
    if not actors and head.dep_ == "appos" and head.head.ent_type_ == "PERSON":
        # "Fogel, a history |teacher| who was held by Russia"
        actors = resolver.resolve_all(phrase(head.head))
        text = _text(phrase(head.head)) if actors else text
    if part.span.root.tag_.startswith("PRP") and not any(actor.country or actor.kind == "person" for actor in actors):
        antecedent = speaker(part.span.root)
        if antecedent is not None:
            return _resolve(Part(part.role, phrase(antecedent)), resolver, event_type)
    if joint := joint_lands(part.span.root):
        return [
            FoundParticipant(part.role, _text(land), actor) for land in joint for actor in resolver.resolve_all(land)
        ]
    if joint := joint_peoples(part.span.root):
        return [
            FoundParticipant(part.role, f"{people.text} {part.span.root.text}", actor)
            for people in joint
            for actor in resolver.resolve_all(people.doc[people.i : people.i + 1])
        ]
    if actors:
        actors = tuple(with_land(actor, head, resolver) for actor in actors)
        return [FoundParticipant(part.role, text, actor) for actor in actors]
    if part.role in _ACTING_ROLES and head.lower_ in _MASSES:
        return [FoundParticipant(part.role, text, None)]
    if head.ent_type_ in ("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "LANGUAGE", "LAW"):
        return []
    if (_nameable(head) or (part.role in _ACTING_ROLES and _may_act(head))) and len(text) < 120:
        return [FoundParticipant(part.role, text, people_of(head, resolver))]
    found = _owners(part, resolver) if part.role == "target" else []
    if not found and part.role in ("target", "subject") and _may_suffer(head, event_type) and len(text) < 120:
        return [FoundParticipant(part.role, text, None)]
    return found


def _owners(part: Part, resolver: ActorResolver) -> list[FoundParticipant]:
    """Return whose the thing is that something was done to: "Iraqi towns", "the offices of the Red Cross"."""
    head = part.span.root
    for owner in owners(head):
        if actors := resolver.resolve_all(head.doc[owner.i : owner.i + 1]):
            return [FoundParticipant(part.role, _text(part.span), actor) for actor in actors]
    found: list[FoundParticipant] = []
    after = prepositions(head)
    for name in ("of", "for", "in", "near", "by"):
        for token in after.get(name, ()):
            if token.tag_.startswith("NN") and token.ent_type_ not in ("DATE", "TIME"):
                span = phrase(token)
                found += [FoundParticipant(part.role, _text(span), actor) for actor in resolver.resolve_all(span)]
        if found:
            break
    return found


def _is_timetable(trigger: Trigger) -> bool:
    """True for the present tense of timetables: "the trial opens on Friday" lies ahead. Headlines use it otherwise."""
    verb = trigger.token if is_verb(trigger.token) else governing_verb(trigger.token)
    return verb is not None and verb.tag_ in ("VBZ", "VBP") and not any(child.dep_ == "aux" for child in verb.children)


def _before_in_title(trigger: Trigger, resolver: ActorResolver) -> list[FoundParticipant]:
    """Return who stands before the event in a headline, whose grammar parsers miss: "Peru, Chile complete talks"."""
    role = frame(trigger.type).agent
    found = []
    for token in trigger.token.doc[: trigger.token.i]:
        if is_proper(token) and token.dep_ != "compound":
            span = token.doc[token.i : token.i + 1]
            found += [FoundParticipant(role, _text(span), actor) for actor in resolver.resolve_all(span)]
    return found


def is_background(trigger: Trigger) -> bool:
    """True for what is told as history ("had met", "was later extradited"): it is not of the day of the report."""
    verb = trigger.token if is_verb(trigger.token) else trigger.token.head
    if not is_verb(verb):
        return False
    return any(
        (child.dep_ == "aux" and child.lower_ in ("had", "'d"))
        or (child.dep_ == "advmod" and child.lower_ in _LONG_AGO | _JUDGED)
        for child in verb.children
    )


def _event_time(
    trigger: Trigger, found: Status, span: Span, context: Context, anchor: TimeSpan | None, *, in_title: bool
) -> TimeSpan | None:
    past = True if found.value in _PAST else False if found.value in _FUTURE else None
    if past and not in_title and _is_timetable(trigger):
        past = False
    ahead = found.value == "planned" and not is_background(trigger)
    time = event_time(span, trigger.token, context.published, past=past, anchor=anchor, ahead=ahead)
    if time is not None or found.value not in _REPORT_DAY or is_background(trigger):
        return time
    if speaks_of_past(span, context.published):
        return None
    day = told_day(span, context.published) or context.published.date().isoformat()
    return TimeSpan(day, day, "day", "", "report")


def _offered(trigger: Trigger, found: Status) -> Status:
    """Correct the status of words of support: who offers backing has given it."""
    given = trigger.is_noun and trigger.type in ("endorsement", "apology") and found.value in _FUTURE
    if given and any(word.lower_ in _OFFERED and word.tag_ in ("VBD", "VBZ", "VBP") for word in found.path):
        return replace(found, value="occurred")
    return found


def _permitted(trigger: Trigger, found: Status) -> Status:
    """Correct the status of a deal that an authority lets pass: it is agreed, and not yet carried out."""
    if trigger.type not in _NEED_LEAVE or found.value != "occurred":
        return found
    given = (child for word in found.path for child in word.children if child.dep_ == "dobj")
    return replace(found, value="agreed") if any(w.lower_ in _LEAVE for w in (*found.path, *given)) else found


def draft(trigger: Trigger, sentence: Sentence, doc: Doc, context: Context, anchor: TimeSpan | None) -> Draft | None:
    """Return what the sentence tells of the event; None where it says that nothing happened."""
    found = _permitted(trigger, _offered(trigger, status(trigger)))
    meant = _UNSPOKEN.get(trigger.type, _MEANT)
    if not found.value or (trigger.type in _SPOKEN and found.value in meant):
        return None
    span = doc[:]
    parts = [part for part in participants(trigger, found.path) if part.role]
    people = distinct([each for part in parts for each in _resolve(part, context.resolver, trigger.type)])
    if sentence.in_title and frame(trigger.type).reciprocal and sum(each.actor is not None for each in people) < 2:
        people = distinct([*people, *_before_in_title(trigger, context.resolver)])
    time = _event_time(trigger, found, span, context, anchor, in_title=sentence.in_title)
    place = find_place(span, trigger.token, context.publisher_country, context_countries=context.countries)
    told_of = place is not None or (time is not None and time.origin == "text")
    if not (told_of or sentence.in_title) and is_generic(trigger):
        return None
    return Draft(
        trigger=trigger,
        sentence=sentence,
        status=_settled(found, time, context),
        participants=people,
        place=place,
        time=time,
        quantities=tuple(find_quantities(span, trigger.token)),
        attribution=find_attribution(span, context.resolver, trigger.token),
    )


def _settled(found: Status, time: TimeSpan | None, context: Context) -> Status:
    """Correct the tense by the date: what is told as a fact but lies ahead is planned ("the trial opens on Friday")."""
    if time is None or time.origin != "text" or found.value not in ("occurred", "ongoing"):
        return found
    if time.start > context.published.date().isoformat():
        return replace(found, value="planned", corrected_by="date")
    return found
