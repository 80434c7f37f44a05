"""Client of Dateline: typed events, queries, and changes that resume by themselves."""

from dateline_client.aio import AsyncClient
from dateline_client.client import Client
from dateline_client.errors import ApiError, ConnectionLost, DatelineError
from dateline_client.models import (
    Alert,
    Change,
    Entity,
    Event,
    EventTime,
    Evidence,
    FieldChange,
    Figure,
    Origin,
    Participant,
    Place,
    Quantity,
    Reset,
    StatusMove,
)

__all__ = [
    "Alert",
    "ApiError",
    "AsyncClient",
    "Change",
    "Client",
    "ConnectionLost",
    "DatelineError",
    "Entity",
    "Event",
    "EventTime",
    "Evidence",
    "FieldChange",
    "Figure",
    "Origin",
    "Participant",
    "Place",
    "Quantity",
    "Reset",
    "StatusMove",
]
