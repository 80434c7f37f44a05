"""Which event types take their participants from which prepositions, objects and surroundings."""

from __future__ import annotations

from typing import Final

from services.extractor.forms import verb_forms

AT: Final = ("on", "against", "at", "toward", "towards", "into", "upon", "over")
TO_TYPES: Final = frozenset(
    (
        "visit",
        "aid",
        "military-aid",
        "extradition",
        "apology",
        "deportation",
        "arms-deal",
        "endorsement",
        "release",
        "warning",
        "threat",
        "guilty-plea",
        "asylum",
        "withdrawal",
        "displacement",
        "peacekeeping",
        "mobilization",
        "announcement",
        "sanctions-lifted",
        "criticism",
        "meeting",
        "demand",
        "pledge",
        "defiance",
        "concession",
        "restriction-lifted",
        "cooperation",
        "negotiations",
        "investigation",
        "refusal",
    )
)
WITH_TYPES: Final = frozenset(
    (
        "diplomatic-relations",
        "diplomatic-break",
        "military-aid",
        "merger",
        "sanctions",
        "restriction",
        "boycott",
        "refusal",
    )
)
FOR_TYPES: Final = frozenset({"aid", "military-aid", "endorsement", "debt", "restriction"})
FROM_GIVER: Final = frozenset({"aid", "military-aid", "arms-deal", "debt", "investment", "extradition", "deportation"})
JOINT_WORK: Final = frozenset({"cooperation"})
"""Types whose object is only what is shared."""
OWN_FORCES: Final = frozenset({"mobilization", "withdrawal", "peacekeeping"})
"""Types whose object is no other side: who deploys troops does nothing to the troops."""
HARM: Final = frozenset(
    form for lemma in ("kill", "wound", "injure", "hit", "destroy", "damage", "hurt") for form in verb_forms(lemma)
)
HARMFUL: Final = frozenset({"strike", "bombing", "attack", "shooting", "battle"})
FROM_TYPES: Final = frozenset(
    (
        "withdrawal",
        "rescue",
        "release",
        "displacement",
        "deportation",
        "extradition",
        "diplomatic-break",
        "sanctions",
        "demand",
        "restriction",
        "peacekeeping",
    )
)
THERE_TYPES: Final = frozenset(
    (
        "strike",
        "bombing",
        "attack",
        "invasion",
        "restriction",
        "restriction-lifted",
        "aid",
        "military-aid",
        "mobilization",
        "peacekeeping",
        "espionage",
    )
)
"""Types that happen to the country or town they take place in: "bombed a church in Jolo", "a curfew in Cizre"."""
COUNTRY_IS_TARGET: Final = frozenset(
    {"sanctions", "sanctions-lifted", "aid", "military-aid", "invasion", "restriction"}
)
SPEECH_TYPES: Final = frozenset(
    (
        "criticism",
        "accusation",
        "demand",
        "refusal",
        "endorsement",
        "threat",
        "warning",
        "veto",
        "investigation",
        "pledge",
        "concession",
        "defiance",
        "boycott",
        "apology",
    )
)
PROTESTS: Final = frozenset({"protest", "riot", "labour-strike", "hunger-strike", "boycott", "crackdown"})
BETWEEN_STATES: Final = frozenset({"conflict-war-peace", "politics-government", "economy-business-finance"})
CUSTODY_TYPES: Final = frozenset(
    (
        "release",
        "arrest",
        "charge",
        "trial",
        "conviction",
        "acquittal",
        "sentencing",
        "prisoner-exchange",
        "pardon",
        "extradition",
        "execution",
        "hostage-taking",
    )
)
SPEECH_OF_EVENTS: Final = frozenset({"announce", "announced", "announces", "announcing", "unveil", "unveiled"})
ANSWERED: Final = frozenset({"accusation", "criticism", "demand", "threat", "warning"})
"""Types told to somebody who may reject them; they were said all the same."""
ANSWERING: Final = frozenset(
    form
    for lemma in ("deny", "reject", "dismiss", "refute", "rebuff", "spurn", "rebut", "resist", "ignore", "repudiate")
    for form in verb_forms(lemma)
)
"""Verbs of rejecting what was said."""
HARMFUL_TO_SITES: Final = frozenset(
    {
        "strike",
        "bombing",
        "attack",
        "battle",
        "robbery",
        "raid",
        "cyberattack",
        "invasion",
        "fire",
        "explosion",
        "structural-collapse",
        "flood",
    }
)
"""Types that buildings and towns suffer though nobody is named."""
HARDWARE: Final = frozenset({"arms-deal", "military-aid"})
"""Types whose arms are what it is about."""
MEASURES: Final = frozenset({"trade-measure", "sanctions", "sanctions-lifted", "restriction", "restriction-lifted"})
"""Types that hit somebody's goods, money or travel."""
OF_PERSONS: Final = CUSTODY_TYPES - {"trial", "charge"} | {"murder", "resignation", "deportation"}
"""Types that happen to persons alone."""
OF_THINGS: Final = frozenset(
    {
        "product-launch",
        "recall",
        "drug-approval",
        "space-launch",
        "structural-collapse",
        "merger",
        "outage",
    }
)
"""Types that are about a product, a building or a company, named or not."""
RECEIVING: Final = frozenset(
    form
    for lemma in (
        "draw",
        "attract",
        "provoke",
        "spark",
        "prompt",
        "face",
        "receive",
        "win",
        "earn",
        "trigger",
        "elicit",
    )
    for form in verb_forms(lemma)
)
"""Verbs whose subject is spoken of by others: "drew a rebuke from rights groups"."""
HERE_AND_THERE: Final = ("against",)
"""The one preposition of AT that tells whom an arrest or trial is about; "at" and "on" tell where and when."""
