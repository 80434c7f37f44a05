"""Examples of bodies to send, by what takes them: the API takes each as it stands, which a test sees to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from services.api.conditions import EXAMPLE as CONDITION
from services.api.examples import CHANGE_POSITION, INSTANT
from services.api.webhook_messages import CHANGE

Json = dict[str, Any]

HOOK: Final = "https://hooks.example.org/dateline"
RULE_NAME: Final = "confirmed in Ukraine"
SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (a made-up one, to be seen by everybody)

BODY_EXAMPLES: Final[Mapping[str, Mapping[str, tuple[str, Json]]]] = MappingProxyType(
    {
        "NewWebhook": {
            "changes": (
                "Changes of events in two countries that two sources or more tell of",
                {
                    "url": HOOK,
                    "description": "the newsroom's desk for East Africa",
                    "sends": ["changes"],
                    "filters": {"country": ["KEN", "UGA"], "min_sources": 2, "kind": ["created", "status-changed"]},
                },
            ),
            "alerts": (
                "Every alert that fires, and word of webhooks that were disabled; signed with a secret of your own",
                {"url": HOOK, "sends": ["alerts", "operations"], "secret": SECRET},
            ),
            "least": ("All changes", {"url": HOOK}),
        },
        "WebhookChanges": {
            "filters": (
                "Other changes from now on",
                {"filters": {"topic": ["health"], "q": "cholera"}, "description": "the health desk"},
            ),
            "address": ("Another address", {"url": "https://hooks.example.org/dateline/v2"}),
            "stop": ("Send nothing for now", {"enabled": False}),
            "go on": ("Send again, after it was disabled", {"enabled": True}),
        },
        "NewSecret": {
            "made": ("A new secret, made by the server", {}),
            "yours": ("A secret of your own", {"secret": SECRET}),
        },
        "Replay": {
            "time": ("What came in one hour", {"since": INSTANT, "until": INSTANT.replace("T09", "T10")}),
            "messages": ("One message", {"messages": [f"{CHANGE}{CHANGE_POSITION}"]}),
        },
        "NewRule": {
            "confirmed": (
                "Something happened, and three sources say so",
                {"name": RULE_NAME, "when": CONDITION},
            ),
            "toll": (
                "A toll rises to a hundred, wherever that is but in the sample newsroom",
                {
                    "name": "many dead",
                    "description": "for the night desk",
                    "when": {
                        "all": [{"field": "quantities.killed", "gte": 100}, {"not": {"field": "sample", "is": True}}]
                    },
                },
            ),
            "place": (
                "A visit or summit around Lake Victoria is planned or called off",
                {
                    "name": "visits at the lake",
                    "when": {
                        "all": [
                            {"field": "type", "in": ["visit", "meeting"]},
                            {"field": "position", "inside": [31.5, -3.0, 35.0, 0.6]},
                            {
                                "any": [
                                    {"field": "status", "is": "planned"},
                                    {"field": "status", "becomes": "cancelled", "from": ["planned", "agreed"]},
                                ]
                            },
                        ]
                    },
                },
            ),
            "words": (
                "A word stands in the title, and the event is new",
                {
                    "name": "new cholera outbreaks",
                    "when": {"all": [{"field": "title", "contains": "cholera"}, {"field": "kind", "is": "created"}]},
                },
            ),
        },
        "RuleChanges": {
            "name": ("Another name", {"name": "confirmed in Ukraine, three sources"}),
            "condition": ("Another condition, which starts as a new rule does", {"when": CONDITION}),
            "stop": ("Let it rest", {"enabled": False}),
        },
    }
)
"""By the name of the model: a name, a line of what it is for, and the body."""
