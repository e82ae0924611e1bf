"""Ids in paths and queries: short and printable, so that the database can hold each of them."""

from typing import Annotated

from fastapi import Path, Query

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"

PathId = Annotated[str, Path(min_length=1, max_length=200, pattern=PRINTABLE)]
QueryId = Annotated[str, Query(min_length=1, max_length=200, pattern=PRINTABLE)]

WhichMember = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=PRINTABLE, description="the member for whom an operator acts"),
]
"""Use as `member: WhichMember = None`, and pass it to `identity.acting_member`."""

WhichOrganisation = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=PRINTABLE, description="the organisation for which a member acts"),
]
"""Use as `organisation: WhichOrganisation = None`, and pass it to `identity.acting_for`."""
