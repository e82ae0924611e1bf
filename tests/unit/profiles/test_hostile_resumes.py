"""Résumés that were made to do harm: refused or cleaned with a reason, in bounded memory and time."""

import io
import json
import os
import tracemalloc
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.profiles.imports import registry
from services.profiles.imports.draft import MAX_JOBS, MAX_SKILLS, MAX_UNCLEAR
from services.profiles.imports.report import ImportProblem
from services.profiles.imports.resume import pdf as reader_of_pdf
from services.profiles.imports.resume import pdf_process
from services.profiles.imports.resume.understanding import draft_of
from shared.resolution import Vocabulary
from tests.unit.profiles.resumes import GOOD, LINES, docx, paragraph, pdf, plain
from tests.unit.profiles.test_hostile import MEBIBYTE, Endless

DEPTH = 100_000
KINDS = ["json-resume", "docx"]
"""Read in this process, so that a test may try many; a PDF takes a process of its own each time."""


def read(data: bytes, kind: str | None = None):
    return registry.read(io.BytesIO(data), source=kind)


def reason(data: bytes, kind: str | None = None) -> str:
    with pytest.raises(ImportProblem) as problem:
        read(data, kind)
    return str(problem.value)


@pytest.mark.parametrize("kind", GOOD)
def test_a_gigabyte_is_refused_before_it_is_read(kind):
    tracemalloc.start()
    try:
        with pytest.raises(ImportProblem, match="is larger than"):
            registry.read(Endless(GOOD[kind], 1024 * MEBIBYTE))
        if kind != "docx":
            with pytest.raises(ImportProblem, match="is larger than"):
                registry.read(Endless(GOOD[kind], 50 * MEBIBYTE), source=kind)
        assert tracemalloc.get_traced_memory()[1] < 2 * MEBIBYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_off_anywhere_gives_what_is_whole_or_a_problem(kind):
    data = GOOD[kind]
    for cut in range(0, len(data), 17):
        with suppress(ImportProblem):
            read(data[:cut], kind)


@given(st.sampled_from(KINDS), st.binary(max_size=60), st.integers(0, 2_000))
def test_bytes_put_in_anywhere_give_a_report_or_a_problem(kind, junk, at):
    data = GOOD[kind]
    with suppress(ImportProblem):
        read(data[:at] + junk + data[at + len(junk) :], kind)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["basics", "work", "skills", "name", "keywords", "startDate"]), inner)
    ),
    max_leaves=12,
)


@given(_json)
def test_any_json_is_a_report_or_a_problem(content):
    with suppress(ImportProblem):
        read(json.dumps(content).encode(), "json-resume")


@given(st.lists(st.text(max_size=80) | st.sampled_from(LINES), max_size=30))
def test_any_lines_are_a_draft_within_its_bounds(lines):
    draft = draft_of(lines, Vocabulary.default()).finished(Vocabulary.default())
    assert len(draft.employments) <= MAX_JOBS
    assert len(draft.skills) <= MAX_SKILLS
    assert len(draft.unclear) <= MAX_UNCLEAR
    assert all(job.company and len(job.company) <= 300 for job in draft.employments)


@settings(max_examples=8, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(0, len(GOOD["pdf"])))
def test_bytes_put_into_a_pdf_give_a_report_or_a_problem(junk, at):
    data = GOOD["pdf"]
    with suppress(ImportProblem):
        read(data[:at] + junk + data[at + len(junk) :], "pdf")


def test_json_that_nests_without_end():
    assert reason(b'{"basics":' + b"[" * DEPTH, "json-resume") == "the file is no whole JSON"


def test_cells_that_a_spreadsheet_would_run_and_links_are_cleaned():
    work = [{"name": '=HYPERLINK("http://x")', "position": "Clerk"}, {"name": "+Initech", "position": "@Clerk"}]
    report = read(json.dumps({"work": work}).encode())
    assert report.profile is not None
    assert [(job.company, job.title) for job in report.profile.employments] == [("Initech", "Clerk")]


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("document", [ENTITIES, OUTSIDE, "<x", ""], ids=["many", "outside", "cut", "empty"])
def test_a_document_with_entities_or_a_cut_is_refused(document):
    said = reason(docx("", document=document), "docx")
    assert said == "the document is damaged, or has what no document needs"


def test_a_document_that_unpacks_to_very_much_is_refused_or_read_in_part(monkeypatch):
    assert "unpacks to more than" in reason(docx(" " * (4 * MEBIBYTE)))
    monkeypatch.setattr("services.profiles.imports.resume.docx.MAX_XML", 64 * 1024)
    tracemalloc.start()
    try:
        made = docx("".join(map(paragraph, LINES)) + "".join(paragraph(f"line {at}") for at in range(20_000)))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        report = read(made)
        assert tracemalloc.get_traced_memory()[1] - before < 4 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert report.warnings == ("the file is very long: only its beginning was read",)
    assert report.profile is not None
    assert report.profile.name


def test_a_document_that_nests_without_end_is_read_as_far_as_it_makes_sense():
    report = read(docx(paragraph("Skills: Python") + "<w:tbl>" * 5_000 + "</w:tbl>" * 5_000))
    assert report.profile is not None
    assert report.profile.skills == ["Python"]
    assert report.warnings


def test_an_encrypted_document_and_macros():
    made = io.BytesIO(docx(paragraph("Skills: Python"), vbaProject="MACRO"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.getinfo("word/document.xml").flag_bits |= 1
        archive.comment = b"written again"
    assert reason(made.getvalue(), "docx") == "the archive is encrypted"
    assert read(docx(paragraph("Skills: Python"), vbaProject="MACRO")).profile is not None


def test_a_pdf_with_a_script_runs_nothing_and_is_read():
    script = "/OpenAction << /S /JavaScript /JS (app.alert\\('x'\\); while\\(true\\){}) >>"
    report = read(pdf(plain(LINES), more=script))
    assert report.profile is not None
    assert report.profile.name


def test_of_endless_pages_the_beginning_is_read():
    report = read(pdf(*[plain(LINES)] * 40))
    assert report.warnings == ("the file is very long: only its beginning was read",)
    huge = GOOD["pdf"].replace(b"/Count 1 ", b"/Count 2000000000 ")
    with suppress(ImportProblem):
        read(huge, "pdf")


def test_a_pdf_that_unpacks_to_very_much_ends_with_a_reason():
    bomb = zlib.compress(zlib.compress(b"0" * (64 * MEBIBYTE)))
    data = GOOD["pdf"].replace(b"/Filter /FlateDecode", b"/Filter [/FlateDecode /FlateDecode]")
    start, end = data.index(b"stream\n") + 7, data.index(b"\nendstream")
    with suppress(ImportProblem):
        read(data[:start] + bomb + data[end:], "pdf")


ENCRYPTED = (
    b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"00" * 32 + b"> /U <" + b"11" * 32 + b"> >> "
    b"/ID [<00> <00>] "
)


def test_an_encrypted_pdf_says_so():
    data = GOOD["pdf"].replace(b"/Root 1 0 R", ENCRYPTED + b"/Root 1 0 R")
    assert reason(data, "pdf") == "the PDF is encrypted with a password"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4 nothing of the kind", GOOD["pdf"][:200]])
def test_a_damaged_pdf_says_so(data):
    assert reason(data) == "the PDF is damaged or cut off"


def test_a_process_that_takes_too_long_or_dies_is_a_reason(tmp_path, monkeypatch):
    program = tmp_path / "program.py"
    monkeypatch.setattr(reader_of_pdf, "_PROGRAM", program)
    program.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(reader_of_pdf, "SECONDS", 0.2)
    assert reason(GOOD["pdf"]) == "the PDF takes too long to read"
    monkeypatch.setattr(reader_of_pdf, "SECONDS", 30)
    for dies in ("import os; os.abort()", "print('[1]')", "print('{')"):
        program.write_text(dies)
        assert "cannot be read" in reason(GOOD["pdf"])


LIMITED = f"""
import json, os, resource, runpy, socket, sys
hard = lambda name: resource.getrlimit(getattr(resource, name))
limit = runpy.run_path({pdf_process.__file__!r})["limit"]
def fails(what):
    try:
        what()
    except (OSError, MemoryError, ValueError) as error:
        return type(error).__name__
    return None
told = {{
    "environment": sorted(os.environ),
    "open": sorted(int(one) for one in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{one}}")),
    "folder": os.getcwd(),
}}
limit()
told |= {{
    "time": hard("RLIMIT_CPU"), "output": hard("RLIMIT_FSIZE"), "files": hard("RLIMIT_NOFILE"),
    "memory": fails(lambda: bytearray({2 * pdf_process.MEMORY})),
    "connection": fails(socket.socket), "two_ends": fails(socket.socketpair),
    "file": fails(lambda: open("/etc/hostname")),
    "process": hard("RLIMIT_NPROC"),
    "lifted": fails(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, {pdf_process.FILES}))),
}}
os.close(0)
told["instead"] = fails(socket.socket)
print(json.dumps({{"pages": [], "more": False, "told": told}}))
"""


def test_the_process_has_no_environment_no_file_of_ours_no_network_and_hard_limits(tmp_path, monkeypatch):
    """Run by the reader itself, with a secret around and a file open that children would inherit."""
    program = tmp_path / "program.py"
    program.write_text(LIMITED)
    monkeypatch.setattr(reader_of_pdf, "_PROGRAM", program)
    monkeypatch.setenv("WARMPATH_SERVICE_TOKEN", "secret")
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        told = reader_of_pdf._asked(io.BytesIO(GOOD["pdf"]))["told"]
    assert [name for name in told["environment"] if name != "LC_CTYPE"] == []  # the interpreter's own
    assert (told["open"], told["folder"]) == ([0, 1, 2], "/")
    assert (told["connection"], told["two_ends"], told["file"]) == ("OSError", "OSError", "OSError")
    assert told["instead"] == "OSError", "closing what is open makes no room"
    assert (told["memory"], told["lifted"]) == ("MemoryError", "ValueError")
    assert (told["files"], told["process"]) == ([pdf_process.FILES] * 2, [0, 0])
    assert (told["time"], told["output"]) == ([pdf_process.CPU_SECONDS] * 2, [pdf_process.OUTPUT] * 2)
