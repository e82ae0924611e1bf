"""HTTP as every service does it: the application, problems, callers, pages, repeated requests."""
