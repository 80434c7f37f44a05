"""Hostile inputs meet the event loop that the fetcher runs on, except where time is virtual."""

from tests.integration.production_loop import event_loop_policy as event_loop_policy
