"""What profiles makes of other services' events: nothing yet.

The place for `introductions.v1`: an introduction that closed well becomes `introduced` evidence on the tie between the
two. Then profiles gets a consumer group in the catalogue, and `app.py` starts a Consumer with the handlers from here.
"""
