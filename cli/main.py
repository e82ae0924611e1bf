"""The `warmpath` command: this file only lists the subcommands."""

import typer

from cli.demo.command import demo
from cli.dlq import dlq
from cli.doctor import doctor
from cli.explain import explain
from cli.import_contacts import contacts
from cli.import_profile import profile
from cli.inbox import inbox
from cli.introductions import introductions
from cli.lag import lag
from cli.match import match
from cli.paths import paths
from cli.post import post
from cli.resolve import resolve
from cli.topics import topics
from cli.up import up

app = typer.Typer(
    name="warmpath",
    help="Who in your network can introduce you to the opening that appeared this morning?",
    epilog="New here? `warmpath demo` shows everything on an example network.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
for subcommand in (demo, up, post, paths, explain, inbox, match, resolve, lag, doctor):
    app.command()(subcommand)
app.add_typer(topics, name="topics")
app.add_typer(dlq, name="dlq")
app.add_typer(introductions, name="introductions")
importer = typer.Typer(help="Import contacts and profiles.", no_args_is_help=True)
importer.command("contacts")(contacts)
importer.command("profile")(profile)
app.add_typer(importer, name="import")


def main() -> None:
    """Run the command line."""
    app()
