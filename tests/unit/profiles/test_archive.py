"""LinkedIn's whole export: what is taken of it, what never is, and which archives are refused."""

import io
import struct
import zipfile
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports import zipped
from services.profiles.imports.linkedin import parse
from services.profiles.imports.linkedin.archive import MESSAGES
from services.profiles.imports.report import ImportProblem
from tests.unit.profiles.archives import ANA, CONNECTIONS, EVE, ME, NAMES, PROFILE, message, messages, packed

BOTH_WAYS = [message(ME, ANA), message(ANA, ME, day="2026-02-01 08:00:00 UTC"), message(ME, ANA)]


def export(*rows: str, **more: str) -> dict[str, str | bytes]:
    return {"Connections.csv": CONNECTIONS, "messages.csv": messages(*rows), **PROFILE, **more}


def counted(data: bytes) -> dict[str, tuple[int, int]]:
    return {one.name: (one.sent, one.received) for one in parse(data).books.get(MESSAGES, ())}


@pytest.mark.parametrize("folder", ["", "Basic_LinkedInDataExport_11-30-2026/", "a/b/"])
def test_one_file_gives_a_network_with_weights_and_a_profile(folder):
    report = parse(packed(export(*BOTH_WAYS), folder))
    assert [one.name for one in report.books["linkedin"]] == ["Ana Silva", "Bo Li"]
    (ana,) = report.books[MESSAGES]
    assert (ana.name, ana.url, ana.sent, ana.received, ana.last_message) == ("Ana Silva", ANA, 2, 1, date(2026, 2, 1))
    assert report.parts == {
        "Connections.csv": 2, "messages.csv": 3, "Profile.csv": 1, "Positions.csv": 3, "Skills.csv": 3,
        "Education.csv": 1,
    }  # fmt: skip
    assert report.profile is not None
    assert report.profile.told() == {
        "name": "Dana Okafor",
        "headline": "Engineer at Initech",
        "employments": [
            {"company": "Initech", "title": "Engineer", "start": "2020-03", "end": None},
            {"company": "Globex", "title": "Intern", "start": "2018", "end": None},
        ],
        "skills": ["Python", "C/C++"],
        "education": [{"school": "U of Lisbon", "degree": "BSc", "start": "2014", "end": "2018"}],
        "titles": [],
        "places": ["Lisbon, Portugal"],
        "unclear": ["Positions.csv line 4: finished on: Sometime", "Positions.csv line 5: no company: Volunteer"],
    }


def test_a_basic_export_has_less_in_it():
    report = parse(packed({"Connections.csv": CONNECTIONS}))
    assert list(report.books) == ["linkedin"]
    assert report.accepted == 2


def test_messages_count_for_what_they_are():
    rows = [
        *BOTH_WAYS,
        message(ANA, ME, folder="ARCHIVE"),
        message(ME, ANA, draft="Yes"),
        message(ANA, ME, folder="SPAM"),
        message(ME, ANA, EVE),
        message(EVE, ME, ANA),
        message(EVE, ME),
        message(ANA, ME, day="soon"),
    ]
    assert counted(packed(export(*rows))) == {"Ana Silva": (2, 2)}, "Eve wrote, and was never answered alone"
    assert parse(packed(export(*rows))).warnings == (
        "do not count: drafts that were never sent (1)",
        "do not count: messages in conversations of several people (2)",
        "do not count: messages without a profile link or a day (1)",
        "do not count: messages that were sorted out as spam (1)",
    )


def test_what_messages_say_is_nowhere():
    secret = 'SECRET ""quoted""\n,,,' + ME + "\nSECRET"
    report = parse(packed(export(*BOTH_WAYS, message(ANA, ME, content=secret))))
    assert "SECRET" not in repr(report)
    assert counted(packed(export(*BOTH_WAYS, message(ANA, ME, content=secret)))) == {"Ana Silva": (2, 2)}


def test_a_quote_that_is_never_closed_lets_nobody_forge_messages():
    """What follows it may be anybody's words, so nothing of the file counts; the rest of the archive does."""
    broken = messages(*BOTH_WAYS) + f'c,,X,{ANA},Y,{ME},2026-01-01,,"never closed\n' + message(ANA, ME)
    report = parse(packed(export() | {"messages.csv": broken}))
    assert list(report.books) == ["linkedin"]
    assert "messages.csv cannot be read from line 5 on" in report.warnings[0]


def test_whose_messages_they_are():
    """The name of the profile, or who stands on most of them."""
    two = export(*BOTH_WAYS)
    assert counted(packed(two)) == {"Ana Silva": (2, 1)}
    del two["Profile.csv"]
    assert parse(packed(two)).warnings[-1].startswith("whose messages these are is not clear")
    more = export(*BOTH_WAYS, message(EVE, ME), message(ME, EVE))
    del more["Profile.csv"]
    assert counted(packed(more)) == {"Ana Silva": (2, 1), "Eve Stone": (1, 1)}


def test_names_that_were_encoded_twice_in_messages_are_mended():
    """As exports have them there, while the profile has them right."""
    parts = export(*BOTH_WAYS)
    for name, wrong in (("Dana Okafor", "Zoé Okafor"), ("Ana Silva", "Anaïs Silva")):
        parts["messages.csv"] = str(parts["messages.csv"]).replace(name, wrong.encode().decode("cp1252"))
    parts["Profile.csv"] = str(parts["Profile.csv"]).replace("Dana", "Zoé")
    report = parse(packed(parts))
    assert [one.name for one in report.books[MESSAGES]] == ["Anaïs Silva"]
    assert "text that was encoded twice was mended" in report.warnings[-1]


def test_other_columns_and_another_order_are_no_matter():
    text = f"FOLDER,NEW,DATE,RECIPIENT PROFILE URLS,SENDER PROFILE URL,FROM\n,x,2026-01-01,{ANA},{ME},Dana Okafor\n"
    text += f",x,2026-01-02,{ME},{ANA},{NAMES[ANA]}\n"
    assert counted(packed(export() | {"messages.csv": text})) == {"Ana Silva": (1, 1)}


def test_a_part_that_is_no_table_is_left_out_with_a_warning():
    report = parse(packed(export(*BOTH_WAYS) | {"messages.csv": "nothing", "Skills.csv": "x,y\n1,2\n"}))
    assert list(report.books) == ["linkedin"]
    assert [warning.partition(" has")[0] for warning in report.warnings] == ["Skills.csv", "messages.csv"]


# Hostile ones


def refused(data: bytes) -> str:
    with pytest.raises(ImportProblem) as caught:
        parse(data)
    return str(caught.value)


def test_a_bomb_is_refused_before_it_unpacks():
    assert "more than 200 times" in refused(packed({"Connections.csv": b"0" * 50_000_000}))


def test_a_part_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(zipped, "MAX_PART", 10)
    assert "larger than" in refused(packed({"Connections.csv": CONNECTIONS}))


@pytest.mark.parametrize(
    "name", ["../Connections.csv", "/etc/Connections.csv", "a/../../x.csv", "C:\\x\\Connections.csv"]
)
def test_names_that_lead_outside_are_refused(name):
    assert "leads outside" in refused(packed({"Connections.csv": CONNECTIONS, name: "x"}))


def test_too_many_files_are_refused_by_the_end_of_the_archive(monkeypatch):
    data = packed({"Connections.csv": CONNECTIONS, **{f"{number}.txt": "" for number in range(20)}})
    monkeypatch.setattr(zipped, "MAX_MEMBERS", 10)
    assert "more than 10 files" in refused(data)


def test_a_directory_of_the_large_kind_is_refused():
    data = packed({"Connections.csv": CONNECTIONS})
    at = data.rfind(b"PK\x05\x06")
    large = data[:at] + struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1) + data[at:]
    assert "more than" in refused(large)


def test_an_archive_in_an_archive_is_not_opened():
    assert "no export of LinkedIn" in refused(packed({"inner.zip": packed({"Connections.csv": CONNECTIONS})}))


def test_two_of_one_name_are_refused():
    assert "more than one Connections.csv" in refused(
        packed({"a/Connections.csv": CONNECTIONS, "b/connections.csv": CONNECTIONS})
    )


def test_an_encrypted_archive_is_refused():
    data = bytearray(packed({"Connections.csv": CONNECTIONS}))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data))


def test_a_cut_off_archive_is_refused():
    data = packed(export(*BOTH_WAYS))
    assert "damaged or cut off" in refused(data[: len(data) // 2])


def test_a_damaged_part_refuses_all():
    data = bytearray(packed({"Connections.csv": CONNECTIONS}))
    data[60] ^= 0xFF
    assert "damaged" in refused(bytes(data))


def test_an_archive_without_compression_is_fine():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("Connections.csv", CONNECTIONS)
    assert parse(made.getvalue()).accepted == 2


def test_macs_shadows_are_no_parts():
    data = packed(
        {"x/Connections.csv": CONNECTIONS, "__MACOSX/x/Connections.csv": "junk", "x/._Connections.csv": "junk"}
    )
    assert parse(data).accepted == 2


@given(st.data())
def test_whatever_is_changed_in_an_archive_gives_a_report_or_a_problem(data):
    whole = bytearray(packed(export(*BOTH_WAYS)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(4, len(whole)))
    for changed in (bytes(whole), bytes(whole[:cut])):
        with suppress(ImportProblem):
            parse(changed)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=12))
def test_whatever_stands_in_messages_nobody_is_counted_by_it(texts):
    quoted = [text.replace('"', '""') for text in texts]
    data = packed(export(*BOTH_WAYS, *(message(ANA, ME, content=text) for text in quoted)))
    assert counted(data) == {"Ana Silva": (2, 1 + len(texts))}
