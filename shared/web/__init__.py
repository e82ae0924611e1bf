"""HTTP, the same in every service: the app factory, problems, callers, pages, repeated requests."""
