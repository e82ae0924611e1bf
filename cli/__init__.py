"""The `warmpath` command: one subcommand a file."""
