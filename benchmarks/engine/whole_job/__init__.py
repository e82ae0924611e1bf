"""The whole job, by the engine and by databases one would build it on: a record in, all changed suggestions out."""
