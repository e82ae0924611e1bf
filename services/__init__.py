"""The bounded contexts. A service may import `shared`, never another service."""
