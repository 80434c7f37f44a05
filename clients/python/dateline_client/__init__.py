"""Client of Dateline: typed events, queries, and changes that resume by themselves."""

from dateline_client.aio import AsyncClient
from dateline_client.client import Client
from dateline_client.errors import ApiError, ConnectionLost, DatelineError
from dateline_client.models import (
    Alert,
    Change,
    Claim,
    Contradiction,
    Entity,
    Event,
    EventTime,
    Evidence,
    FieldChange,
    Figure,
    Origin,
    Participant,
    PastChange,
    Place,
    Quantity,
    Related,
    Reset,
    StatusMove,
)

__all__ = [
    "Alert",
    "ApiError",
    "AsyncClient",
    "Change",
    "Claim",
    "Client",
    "ConnectionLost",
    "Contradiction",
    "DatelineError",
    "Entity",
    "Event",
    "EventTime",
    "Evidence",
    "FieldChange",
    "Figure",
    "Origin",
    "Participant",
    "PastChange",
    "Place",
    "Quantity",
    "Related",
    "Reset",
    "StatusMove",
]
