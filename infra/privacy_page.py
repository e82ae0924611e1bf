"""`docs/privacy.md`, from the tables in `shared/privacy`."""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.privacy import ACCEPTED, DISCLOSURES, KEPT, Reader

PAGE = Path("docs/privacy.md")

READERS: dict[Reader, str] = {"member": "A member", "recruiter": "An organisation"}
"""Those whose answers are listed field by field, and their headings."""


def privacy_page() -> str:
    """The page's text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, of our own words only
    )
    environment.filters |= {"places": places, "fields": fields}
    template = environment.get_template("privacy.md.jinja")
    return template.render(readers=READERS, disclosures=DISCLOSURES, accepted=ACCEPTED, kept=KEPT)


def places(named: Iterable[str]) -> str:
    """Tables and topics as code, other places as words."""
    return ", ".join(f"`{place}`" if "." in place else place for place in named)


def fields(named: Iterable[str]) -> str:
    """Fields named `service Schema.field`, those of one schema together."""
    by_schema: dict[str, list[str]] = {}
    for each in named:
        schema, _, field = each.rpartition(".")
        by_schema.setdefault(schema, []).append("all" if field == "*" else f"`{field}`")
    return "; ".join(f"{schema}: {', '.join(found)}" for schema, found in by_schema.items())
