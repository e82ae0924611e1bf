"""Which endpoint a request went to, as a template (`/v1/postings/{posting_id}`): for logs, metrics and idempotency."""

from starlette.types import Scope


def template_of(scope: Scope) -> str | None:
    """The path with parameters by name instead of by value; None where no route matched.

    A route knows only its own part of the path; the prefix comes from the routers it is included in.
    """
    own: str | None = getattr(scope.get("route"), "path", None)
    if own is None:
        return None
    segments = scope["path"].split("/")
    own_segments = own.split("/")[1:]
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    before = segments[: max(len(segments) - len(own_segments), 0)]
    return "/".join([*(names.get(segment, segment) for segment in before), *own_segments]) or "/"
