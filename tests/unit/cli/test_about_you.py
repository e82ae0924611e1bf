"""What the demo on one's own contacts takes from the command line and the file."""

import io
import zipfile
from pathlib import Path

import pytest
import typer

from cli.demo.about_you import YOUR_NAME, Answers, read, split

CONNECTIONS = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\nDana,Velk,,,Acme,CTO,15 Mar 2024\n"
GIVEN = Answers(title="Engineer", skills="Python")


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.mark.parametrize("skills", ["Python,SQL", "Python; SQL", " Python ;; SQL,", "Python\nSQL\nPython"])
def test_skills_have_commas_semicolons_or_line_ends_between_them(skills):
    assert split(skills) == ("Python", "SQL")


def test_a_list_alone_says_nothing_of_its_owner(tmp_path):
    file = tmp_path / "Connections.csv"
    file.write_text(CONNECTIONS)
    found = read(file, GIVEN)
    assert (found.name, found.headline, found.employers) == (YOUR_NAME, None, ())
    assert [record.name for record in found.records] == ["Dana Velk"]
    assert found.content == CONNECTIONS.encode()


def test_name_headline_work_and_skills_are_taken_from_a_whole_export(tmp_path):
    found = read(export(tmp_path), Answers())
    assert (found.name, found.headline) == ("Alex Rivera", "Builds data platforms")
    assert (found.title, found.skills, found.employers) == ("Data Engineer", ("Python", "SQL"), ("Initech",))


def test_what_is_given_goes_before_the_file(tmp_path):
    found = read(export(tmp_path), Answers("Al", "Engineer", "CTO", "Go;Rust"))
    assert (found.name, found.headline, found.title, found.skills) == ("Al", "Engineer", "CTO", ("Go", "Rust"))


def test_without_a_terminal_a_missing_title_is_an_error_that_says_how_to_give_it(tmp_path, capsys):
    file = tmp_path / "Connections.csv"
    file.write_text(CONNECTIONS)
    with pytest.raises(typer.Exit):
        read(file, Answers(skills="Python"))
    assert "TITLE=… (--title)" in capsys.readouterr().err


def export(folder: Path) -> Path:
    file = folder / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Connections.csv", CONNECTIONS)
        archive.writestr("Profile.csv", "First Name,Last Name,Headline\nAlex,Rivera,Builds data platforms\n")
        archive.writestr(
            "Positions.csv",
            "Company Name,Title,Started On,Finished On\nInitech,Data Engineer,Jan 2022,\nOld,Clerk,2019,2021\n",
        )
        archive.writestr("Skills.csv", "Name\nPython\nSQL\n")
    return file
