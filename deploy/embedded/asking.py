"""Questions to a running service over HTTP."""

import http.client


def answers(port: int, path: str = "/readyz") -> bool:
    """Ask a service whether it is ready."""
    return _asked(port, path) is not None


def gauge(port: int, name: str) -> float | None:
    """Return what a service's metrics say of a gauge; None: it does not say."""
    said = f"\n{_asked(port, '/metrics') or ''}".partition(f"\n{name} ")[2]
    return float(said.partition("\n")[0]) if said else None


def _asked(port: int, path: str) -> str | None:
    """Return the body of a good answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
