"""Who may call an endpoint, as types of its parameters: `caller: Operator`."""

from typing import Annotated

from fastapi import Depends

from shared.web.identity import Caller, acting_member, require
from shared.web.ids import WhichMember

Recruiter = Annotated[Caller, Depends(require("recruiter"))]
"""An organisation, known by its API key; `id` is the organisation's."""

Member = Annotated[Caller, Depends(require("member"))]
"""Somebody on their own behalf: for what nobody else may do for them."""

Service = Annotated[Caller, Depends(require("service"))]
Operator = Annotated[Caller, Depends(require("operator"))]
ServiceOrOperator = Annotated[Caller, Depends(require("service", "operator"))]
MemberOrOperator = Annotated[Caller, Depends(require("member", "operator"))]


async def _acting_member(caller: MemberOrOperator, member: WhichMember = None) -> str:
    return acting_member(caller, member)


ActingMember = Annotated[str, Depends(_acting_member)]
"""The member on whose behalf a request acts: the caller, or whom an operator names with `?member=ID`."""
