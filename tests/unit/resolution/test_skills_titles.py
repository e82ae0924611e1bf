import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resolution import Vocabulary

WORDS = Vocabulary.default()


def occupation(text: str) -> str | None:
    found = WORDS.title(text)
    return None if found is None else found.occupation


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("js", "JavaScript"),
        ("ECMAScript", "javascript"),
        ("k8s", "Kubernetes"),
        ("Golang", "Go"),
        ("Node.js", "nodejs"),
        (".NET", ".NET Core"),
        ("C#", "C Sharp"),
        ("C++", "cpp"),
        ("Python (Programming Language)", "python"),
        ("Python 3", "Python"),
        ("Java 8", "Java"),
        ("React.js", "ReactJS"),
        ("Postgres", "PostgreSQL"),
        ("Amazon Web Services (AWS)", "aws"),
        ("MS Excel", "Microsoft Excel"),
        ("Microsoft PowerShell", "powershell"),
        ("ML", "Machine Learning"),
        ("Search Engine Optimization", "SEO"),
        ("Data modelling", "data modeling"),
        ("Objective-C", "objective c"),
        ("Front-End", "frontend development"),
    ],
)
def test_synonyms_are_one_skill(a: str, b: str) -> None:
    assert WORDS.skill(a) == WORDS.skill(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Java", "JavaScript"),
        ("C", "C++"),
        ("C", "C#"),
        (".NET", "net"),
        ("React", "React Native"),
        ("Angular", "AngularJS"),
        ("SQL", "NoSQL"),
        ("Go", "Google Analytics"),
        ("R", "Rust"),
        ("Excel", "Access"),
        ("basket weaving", "basket making"),
    ],
)
def test_different_skills_stay_apart(a: str, b: str) -> None:
    assert WORDS.skill(a) != WORDS.skill(b)


def test_a_skill_that_is_not_known_is_its_own_normalised_text() -> None:
    assert WORDS.skill("Basket-Weaving ") == WORDS.skill("basket weaving")


@pytest.mark.parametrize(
    "text",
    [
        "Software Engineer",
        "software developer",
        "SENIOR SOFTWARE ENGINEER",
        "Sr. Software Engineer II",
        "Staff Software Engineer",
        "Principal Software Engineer",
        "Software Engineer (m/f/d)",
        "Software Engineer m/w/d",
        "Software Engineer - Berlin",
        "Software Engineer, Payments",
        "Software Engineer | Remote",
        "Software Engineer at Initech",
        "Software Engineer @ Initech",
        "Engineer, Software",
        "Software Engineers",
        "Backend Platform Software Engineer",
        "Softwareentwickler:in",
        "Développeur",
        "Software Engineer Intern",
    ],
)
def test_one_occupation_many_titles(text: str) -> None:
    assert occupation(text) == "software engineer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VP, Engineering", "engineering manager"),
        ("Head of Product", "head of product"),
        ("Associate Product Manager", "product manager"),
        ("Staff Accountant", "accountant"),
        ("Principal", "school principal"),
        ("Assistant Professor", "professor"),
        ("Executive Assistant to the Product Manager", "administrative assistant"),
        ("Nurse (RN)", "nurse"),
        ("CEO & Founder", "chief executive"),
        ("Front-End Developer", "front-end engineer"),
        ("Colorado River Storage Project Regional Manager", None),
        ("Physiotherapy Teacher Assistant", "teaching assistant"),
        ("Foreign Affairs Officer \u00e2\x80\x93 Direct Hire Authority", "management consultant"),
        ("Supervisory Equal Opportunity Specialist GS-0360-14, FPL 14", "hr specialist"),
        ("Materials Handler Assistant Supervisor", "warehouse worker"),
        ("Student Trainee (Information Technology)", "it specialist"),
        ("Student Trainee", None),
        ("Student Trainee (-)", None),
        ("Interdisciplinary (General Engineer/Physical Scientist)", "general engineer"),
        ("Lead Visa Specialist", "inspector"),
        ("Patent Examining Professional", "patent examiner"),
        ("Student", None),
        ("Manager", None),
        ("Senior", None),
        ("Chief Happiness Officer", None),
        ("", None),
    ],
)
def test_titles(text: str, expected: str | None) -> None:
    assert occupation(text) == expected


@pytest.mark.parametrize(
    ("text", "recruiting"),
    [
        ("Technical Recruiter", True),
        ("Senior Talent Acquisition Partner", True),
        ("Nurse Recruiter", True),
        ("Headhunter", True),
        ("HR Business Partner", False),
        ("HR Manager", False),
        ("Software Engineer", False),
    ],
)
def test_recruiting_titles(text: str, recruiting: bool) -> None:
    found = WORDS.title(text)
    assert found is not None
    assert found.recruiting is recruiting


def test_related_occupations_share_a_group() -> None:
    one, other, far = WORDS.title("Data Scientist"), WORDS.title("Data Engineer"), WORDS.title("Nurse")
    assert one is not None
    assert other is not None
    assert far is not None
    assert one.group == other.group != far.group
    assert one.occupation != other.occupation


def accented(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(c + "\u0301" if c.isascii() and c.isalpha() else c for c in text))


TEXT = st.text(max_size=40) | st.sampled_from(
    ["Nurse", "Recruiter", "Sr. Cook II", "JavaScript", "C++", "Data Analyst (m/f/d)"]
)


@given(TEXT)
def test_never_raises_and_is_stable(text: str) -> None:
    once = WORDS.skill(text)
    assert WORDS.skill(once) == once
    found = WORDS.title(text)
    if found is not None:
        assert WORDS.title(found.occupation) == found


@given(TEXT)
def test_case_and_white_space_do_not_matter(text: str) -> None:
    other = f" {text.casefold()}\t"
    assert (WORDS.skill(other), WORDS.title(other)) == (WORDS.skill(text), WORDS.title(text))


@pytest.mark.parametrize("text", ["Nurse", "Senior Recruiter", "Kubernetes", "Data Analyst", "machine learning"])
def test_accents_do_not_matter(text: str) -> None:
    assert (WORDS.skill(accented(text)), WORDS.title(accented(text))) == (WORDS.skill(text), WORDS.title(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C/C++", {"c", "c++"}),
        ("HTML/CSS", {"html", "css"}),
        ("React/Redux", {"react", "redux"}),
        ("Docker & Kubernetes", {"docker", "kubernetes"}),
        ("CI/CD", {"continuousintegration"}),
        ("SQL - advanced", {"sql"}),
        ("AWS (3 years)", {"amazonwebservices"}),
        ("research and development of widgets", {"researchanddevelopmentofwidgets"}),
    ],
)
def test_a_text_names_one_skill_or_several(text: str, expected: set[str]) -> None:
    assert set(WORDS.skills(text)) == expected


def test_skills_are_found_in_free_text_as_whole_words() -> None:
    text = "Shipped REST APIs in Go, C# and C++ on K8s; 机器学习经验. I excel at R&D and our Go-to-market plan. Go on."
    found = {"rest", "go", "c#", "c++", "kubernetes", "machinelearning", WORDS.skill("GTM")}
    assert set(WORDS.skills_in(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "Aspiring Data Scientist",
        "Retired Nurse",
        "Former CTO",
        "CS Student at Initech University",
        "Ehemaliger Projektleiter",
        "Futur ingénieur",
        "前产品经理",
        "元エンジニア",
        "전 개발자",
        "Бывший директор",
    ],
)
def test_what_is_wished_for_or_over_is_nothing(text: str) -> None:
    assert WORDS.title(text) is None


@pytest.mark.parametrize("text", ["Student Adviser", "前端工程师", "前台", "사무직", "Software Engineer | ex-Initech"])
def test_a_title_may_hold_such_a_word(text: str) -> None:
    assert WORDS.title(text) is not None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Sr. Software Engineer", "senior"),
        ("Staff Engineer", "lead"),
        ("Head of Sales", "director"),
        ("VP Engineering", "executive"),
        ("Praktikant Marketing", "intern"),
        ("高级软件工程师", "senior"),
        ("Nurse", None),
    ],
)
def test_levels_stand_apart_from_the_occupation(text: str, level: str | None) -> None:
    assert WORDS.level(text) == level


def test_a_title_known_by_its_words_alone_is_near_its_group_and_the_same_as_nothing_else() -> None:
    one, other = WORDS.title("Operaio addetto alle pulizie"), WORDS.title("Room Attendant")
    assert one is not None
    assert other is not None
    assert one.group == other.group
    assert one.occupation != other.occupation


def test_work_that_is_over_is_told_from_work_that_is_wished_for() -> None:
    assert WORDS.over("Retired Nurse")
    assert not WORDS.over("Aspiring Nurse")
    assert not WORDS.over("Nurse")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("QA Automation Engineer", "Robotics Engineer"),
        ("Policy Officer", "Police Officer"),
        ("Product Marketing Manager", "Product Manager"),
        ("Account Executive", "Accountant"),
        ("Nurse Recruiter", "Nurse"),
    ],
)
def test_titles_that_share_words_are_not_one_occupation(a: str, b: str) -> None:
    assert occupation(a) != occupation(b)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Agent / Agente d'accueil", "422"),
        ("Verkäufer/in", "522"),
        ("Ingenieur/in - Elektrotechnik", "215"),
        ("ABOGADOS, EN GENERAL", "261"),
        ("Operaio addetto alle pulizie", "911"),
        ("Vrachtwagenchauffeur internationaal", "833"),
        ("Nauczyciel języka angielskiego", "235"),
        ("Motorista de táxi", "832"),
        ("Registered Nurses", "222"),
    ],
)
def test_titles_as_classifications_write_them_are_in_their_group(text: str, group: str) -> None:
    found = WORDS.title(text)
    assert found is not None
    assert found.group == group


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PM", None),
        ("Senior PM, Search", "product manager"),
        ("PM II (Azure)", "product manager"),
        ("PM - Construction", "project manager"),
        ("Staff Engineer", "software engineer"),
        ("SMTS", "software engineer"),
        ("XYZQ", None),
        ("Softwareentwickler Java (m/w/d) in Vollzeit", "software engineer"),
    ],
)
def test_abbreviations_by_their_context(text: str, expected: str | None) -> None:
    assert occupation(text) == expected
