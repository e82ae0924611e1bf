"""The console: web pages over the other services' APIs, in the member's own name. It keeps no state and no rule."""
