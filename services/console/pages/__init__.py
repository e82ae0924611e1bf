"""The pages, one file each: a route, what it asks the services, and a template."""

from services.console.pages import (
    account,
    colleagues,
    companies,
    complete,
    corrections,
    draft,
    keys,
    live,
    openings,
    operations,
    organisations,
    paths,
    people,
    privacy,
    provider,
    seen,
    sign_in,
    suggestions,
    taps,
    unsubscribe,
    welcome,
)

PAGES = [
    each.router
    for each in (
        sign_in,
        welcome,
        draft,
        suggestions,
        live,
        companies,
        complete,
        corrections,
        taps,
        paths,
        seen,
        people,
        account,
        privacy,
        provider,
        unsubscribe,
        organisations,
        openings,
        colleagues,
        keys,
        operations,
    )
]
