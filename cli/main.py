"""The `warmpath` command: this file only lists the subcommands."""

import typer

from cli.post import post

app = typer.Typer(
    name="warmpath",
    help="Who in your network can introduce you to the opening that appeared this morning?",
    epilog="New here? `warmpath demo` shows everything on an example network.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
importer = typer.Typer(help="Bring address books in.", no_args_is_help=True)
app.add_typer(importer, name="import")


app.command()(post)


def main() -> None:
    """Run the command line."""
    app()
