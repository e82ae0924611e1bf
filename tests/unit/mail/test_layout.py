"""E-mails look like the console: the same colours, no script, no picture and nothing from elsewhere."""

import re
from pathlib import Path

from infra.local.process import ROOT
from shared.mail.layout import templates

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
LOOKS = sorted(Path(ROOT).glob("*/**/templates/*.html.jinja"))
MAILS = [path for path in LOOKS if "extends" in (text := path.read_text()) and ("layout" in text or "base" in text)]
SHARED = Path(ROOT, "shared/mail/templates")


def test_the_colours_are_those_of_the_console():
    console = set(COLOUR.findall(Path(ROOT, "services/console/static/style.css").read_text()))
    used = {colour for path in SHARED.iterdir() for colour in COLOUR.findall(path.read_text())}
    assert len(used) > 4
    assert used <= console


def test_mails_bring_nothing_of_their_own():
    mails = [path for path in MAILS if "console" not in path.parts]
    assert len(mails) >= 5
    for path in [*mails, *SHARED.iterdir()]:
        assert not re.search(r"<script|<img|<style|https?://", path.read_text()), path


def test_a_mail_is_a_whole_page(tmp_path):
    (tmp_path / "mail.html.jinja").write_text(
        '{% extends "layout.html.jinja" %}{% block body %}{{ said }}{% endblock %}'
    )
    made = templates(tmp_path).get_template("mail.html.jinja").render(subject="S & T", said="<b>")
    assert made.lstrip().startswith("<!doctype html>")
    assert "<title>S &amp; T</title>" in made
    assert "&lt;b&gt;" in made
