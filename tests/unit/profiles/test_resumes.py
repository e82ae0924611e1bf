"""Résumés of each format: the same profile out of all of them, and what was not understood beside it."""

import io

import pytest

from services.profiles.imports import registry
from services.profiles.imports.draft import Draft
from services.profiles.imports.report import ImportProblem, Report
from services.profiles.imports.resume.understanding import draft_of
from shared.resolution import Vocabulary
from tests.unit.profiles import resumes
from tests.unit.profiles.archives import CONNECTIONS, packed
from tests.unit.profiles.resumes import GOOD, JOBS, LINES, NAME, SKILLS, docx, paragraph, pdf, plain, table, text_box

WORDS = Vocabulary.default()


def read(data: bytes) -> Report:
    return registry.read(io.BytesIO(data))


def profile(data: bytes) -> Draft:
    found = read(data).profile
    assert found is not None
    return found


def jobs(draft: Draft) -> list[tuple[str | None, ...]]:
    return [(job.company, job.title, job.start, job.end) for job in draft.employments]


def of_lines(text: str) -> Draft:
    return draft_of(text.splitlines(), WORDS)


@pytest.mark.parametrize("kind", GOOD)
def test_each_format_gives_the_same_profile(kind):
    report = read(GOOD[kind])
    assert (report.format, report.accepted, report.warnings) == (kind, 0, ())
    draft = report.profile
    assert draft is not None
    assert (draft.name, draft.headline) == (NAME, "Senior Data Engineer")
    assert jobs(draft) == JOBS
    assert draft.skills == SKILLS
    assert [(one.school, one.degree, one.start, one.end) for one in draft.education] == [resumes.STUDY]
    assert draft.titles == ["Senior Data Engineer"]
    assert draft.places == (["Stockholm, SE"] if kind == "json-resume" else ["Stockholm, Sweden"])
    expected = ["work 3: startDate: soon", "work 3 has no company: Volunteer"]
    assert draft.unclear == (expected if kind == "json-resume" else ["is this a skill? Frobnication"])


@pytest.mark.parametrize("kind", GOOD)
def test_a_resume_has_no_contacts(kind):
    with pytest.raises(ImportProblem, match="no contacts in this file, only a profile"):
        registry.read_contacts(io.BytesIO(GOOD[kind]))


def test_two_columns_are_read_one_after_the_other():
    side = ["Contact", "zoe@mail.example", "Stockholm, Sweden", "", "Skills", "Python", "SQL", "Apache Kafka"]
    start = LINES.index("Experience")
    main = LINES[start : LINES.index("Skills")]
    page = [(50.0, 40.0, NAME), (50.0, 60.0, "Senior Data Engineer")]
    page += [(left, top + 60, text) for left, top, text in [*plain(side), *plain(main, 230)]]
    draft = profile(pdf(page))
    assert (draft.name, draft.places) == (NAME, ["Stockholm, Sweden"])
    assert jobs(draft) == JOBS
    assert draft.skills == SKILLS
    assert draft.unclear == []


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Stockholm, Sweden | zoe@mail.example | +46 70 123 45 67", "Stockholm, Sweden"),
        ("zoe@mail.example \u2022 Lisbon, Portugal \u2022 linkedin.com/in/zoe", "Lisbon, Portugal"),
        ("Lisbon, Portugal, zoe@mail.example", "Lisbon, Portugal"),
        ("Lives in Lisbon, Portugal", "Lisbon, Portugal"),
        ("Based in Lisbon", "Lisbon"),
        ("Location: Lisbon, Portugal", "Lisbon, Portugal"),
        ("Wohnort: Berlin", "Berlin"),
        ("Sweden", "Sweden"),
        ("Wibbleton, Frobland | zoe@mail.example", None),
        ("Moved to Lisbon", None),
        ("zoe@mail.example", None),
    ],
)
@pytest.mark.parametrize("under", ["", "Contact\n"], ids=["head", "contact"])
def test_where_somebody_lives_is_what_the_header_says_without_how_they_are_reached(line, place, under):
    draft = of_lines(f"{NAME}\n{under}{line}\n")
    assert (draft.name, draft.places) == (NAME, [place] if place else [])


def test_a_place_beside_a_title_takes_no_headline_away():
    draft = of_lines(f"{NAME}\nSenior Data Engineer | Lisbon, Portugal\nLisbon, Portugal\n")
    assert (draft.headline, draft.places) == ("Senior Data Engineer | Lisbon, Portugal", ["Lisbon, Portugal"])


def test_dates_at_the_edge_belong_to_the_lines_they_stand_on():
    rows = [("Northwind Traders AB", "Stockholm, Sweden"), ("Senior Data Engineer", "Mar 2021 - Present"), ("", "")]
    rows += [("Contoso GmbH", "Berlin"), ("Data Analyst", "2017 - 02/2021")]
    lines = [(50.0, 60.0, "Experience")]
    for place, (left, right) in enumerate(rows):
        top = 80.0 + 14 * place
        lines += [(x, top, text) for x, text in ((50.0, left), (430.0, right)) if text]
    assert jobs(profile(pdf([(50.0, 40.0, NAME), *lines]))) == JOBS


def test_a_document_with_tables_text_boxes_and_a_header():
    box = text_box("Skills", "Python; SQL; Apache Kafka")
    body = paragraph("Senior Data Engineer", box) + paragraph("Experience")
    body += table(
        ["Mar 2021 \u2013 Present", "Senior Data Engineer, Northwind Traders AB"],
        ["2017 \u2013 02/2021", "Data Analyst, Contoso GmbH"],
    )
    draft = profile(docx(body, header1=resumes.header(NAME)))
    assert draft.name == NAME
    assert jobs(draft) == JOBS
    assert draft.skills == ["Python", "SQL", "Apache Kafka"], "text boxes are read, and read once"


WAYS = {
    "Work history\nInitech\nData Analyst\nJanuary 2018 - Present (2 years)": "Initech; Data Analyst; 2018-01;",
    "Berufserfahrung\nseit 03/2020 Softwareentwickler (m/w/d) bei Globex GmbH": (
        "Globex GmbH; Softwareentwickler (m/w/d); 2020-03;"
    ),
    "Expérience professionnelle\navril 2016 à mars 2019\nComptable | Initech SARL, Lyon": (
        "Initech SARL; Comptable; 2016-04; 2019-03"
    ),
    "Experiencia laboral\n2019 - actualidad\nIngeniero de software, Globex S.A.": (
        "Globex S.A.; Ingeniero de software; 2019;"
    ),
    "职业经历\n2018年4月 〜 至今\n软件工程师\tInitech": "Initech; 软件工程师; 2018-04;",
    "EXPERIENCE\nKasa\tSeoul, South Korea\nSoftware Architect\tJun. 2018 - Jan. 2021": (
        "Kasa; Software Architect; 2018-06; 2021-01"
    ),
    "E X P E R I E N C E\nIntern, Globex, 2016": "Globex; Intern; 2016; 2016",
}


@pytest.mark.parametrize("section", WAYS)
def test_jobs_as_people_write_them(section):
    (job,) = jobs(of_lines(f"{NAME}\n\n{section}\n"))
    assert "; ".join(part or "" for part in job).strip() == WAYS[section]


def test_what_is_not_understood_is_told():
    draft = of_lines(
        "Lebenslauf\nZoë Quill\nLikes: long walks\n\nExperience\nFoo Bar, Baz Qux\n2017 - 2018\n"
        "Clerk\n2014 - 2015\n• Kept books.\n2013 - 2014\n"
    )
    assert [job[2:] for job in jobs(draft)] == [("2017", "2018"), ("2014", "2015")]
    assert draft.unclear == [
        "Likes: long walks",
        "which is the company, and which the title? Foo Bar, Baz Qux",
        "at the company named above it? 2014 to 2015: Clerk",
        "no company: 2013 to 2014:",
    ]


def test_prose_names_skills_and_no_jobs():
    draft = of_lines("Ana Silva\nProfile\nIn 2019 she moved 2020 parcels with Kubernetes and Go to market.\n")
    assert (jobs(draft), draft.skills) == ([], ["Kubernetes", "Go to market"])


def test_a_zip_is_told_apart_by_what_is_in_it():
    assert read(packed({"Connections.csv": CONNECTIONS, "media/word.txt": "word/document.xml"})).format == "linkedin"
    assert read(docx(paragraph("Skills: Python"))).format == "docx"


@pytest.mark.parametrize("empty", [pdf([]), docx(""), docx(paragraph(" "))], ids=["pdf", "docx", "blank"])
def test_a_resume_that_is_a_picture_says_so(empty):
    with pytest.raises(ImportProblem, match="only pictures"):
        read(empty)


def test_nothing_of_a_profile_is_no_draft():
    with pytest.raises(ImportProblem, match="nothing in this file could be read as a profile"):
        read(b'{"basics": {}, "work": []}')
