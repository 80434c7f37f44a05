"""Why nothing answers at Kafka's addresses, in words for a person: clients of Kafka only say that time is up."""

from __future__ import annotations

import socket
from typing import Final

PATIENCE_S: Final = 2.0


def why_away(bootstrap: str) -> str:
    """Return what stands in the way at each of some bootstrap servers, "host:port,host:port", looked at now."""
    return "; ".join(_why(*server.strip().rpartition(":")[::2]) for server in bootstrap.split(","))


def _why(host: str, port: str) -> str:
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE_S):
            return f"something takes connections at {host}:{port}, but does not speak as Kafka does without TLS"
    except socket.gaierror:
        return f"the name {host} is not known"
    except ConnectionRefusedError:
        return f"nothing listens at {host}:{port}"
    except TimeoutError:
        return f"{host}:{port} takes no connection"
    except OSError as error:
        return f"{host}:{port} cannot be reached ({error.strerror or error})"
