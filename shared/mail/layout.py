"""The templates of e-mails: each service has its own, on one layout."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.mail.email import Rendered

_SHARED = Path(__file__).with_name("templates")


def templates(folder: Path, finalize: Callable[[Any], Any] | None = None) -> Environment:
    """The templates in a folder, which may stand on the shared ones. `finalize`: what each inserted value passes."""
    return Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(
    of: Environment, name: str, subject: str, context: Mapping[str, Any], unsubscribe: str | None = None
) -> Rendered:
    """The e-mail of the templates `name`.txt and `name`.html, which are given the subject as well."""
    text, html = (
        of.get_template(f"{name}.{kind}.jinja").render({"subject": subject, **context}).strip() + "\n"
        for kind in ("txt", "html")
    )
    return Rendered(subject=subject, text=text, html=html, unsubscribe=unsubscribe)
