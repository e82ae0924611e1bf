"""Who may call an endpoint, as types of its parameters: `caller: Operator`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

from fastapi import Depends, Request

from shared.web.identity import Acting, Caller, Role, acting_for, acting_member, require
from shared.web.ids import PathId, WhichMember, WhichOrganisation

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


RecruiterOrMember = Annotated[Caller, Depends(require("recruiter", "member"))]


def _named(*roles: Role) -> Callable[..., Awaitable[Acting]]:
    async def named(request: Request, caller: RecruiterOrMember, organisation: WhichOrganisation = None) -> Acting:
        return await acting_for(request, caller, organisation, roles)

    return named


def _in_path(*roles: Role) -> Callable[..., Awaitable[Acting]]:
    async def in_path(request: Request, caller: Member, organisation_id: PathId) -> Acting:
        return await acting_for(request, caller, organisation_id, roles)

    return in_path


Reader = Annotated[Acting, Depends(_named(*get_args(Role)))]
"""For reading an organisation's openings: a key of it, or a member in it who names it with `?organisation=ID`."""

Poster = Annotated[Acting, Depends(_named("owner", "recruiter"))]
"""For changing them: a key, or an owner or recruiter."""

Colleague = Annotated[Acting, Depends(_in_path(*get_args(Role)))]
"""Whoever works in the organisation of the path."""

Owner = Annotated[Acting, Depends(_in_path("owner"))]
"""Whoever owns the organisation of the path."""
