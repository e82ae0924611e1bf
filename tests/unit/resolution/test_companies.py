import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resolution import Vocabulary
from shared.resolution.companies import host, registrable

WORDS = Vocabulary.default()


def same(*names: str) -> bool:
    return len({WORDS.company(name) for name in names}) == 1


@pytest.mark.parametrize(
    "other",
    [
        "INITECH",
        "  initech ",
        "Initech Inc.",
        "Initech, Inc",
        "Initech Incorporated",
        "Initech Corp.",
        "Initech LLC",
        "Initech L.L.C.",
        "Initech L. L. C.",
        "Initech Ltd",
        "Initech Limited",
        "Initech plc",
        "Initech GmbH",
        "Initech G.m.b.H.",
        "Initech GmbH & Co. KG",
        "Initech AG",
        "Initech S.A.",
        "Initech SARL",
        "Initech S.p.A.",
        "Initech S.r.l.",
        "Initech S. de R.L. de C.V.",
        "Initech B.V.",
        "Initech N.V.",
        "Initech Oy",
        "Initech Oyj",
        "Oy Initech Ab",
        "Initech AB",
        "Initech A/S",
        "Initech ASA",
        "Initech Sp. z o.o.",
        "Initech s.r.o.",
        "Initech d.o.o.",
        "Initech K.K.",
        "Kabushiki Kaisha Initech",
        "株式会社Initech",
        "Initech Pty Ltd",
        "Initech Pvt. Ltd.",
        "Initech Pte. Ltd.",
        "Initech Sdn Bhd",
        "Initech Co., Ltd.",
        "\u041e\u041e\u041e Initech",
        "Initech e.V.",
        "Initech SE",
        "The Initech Company",
        "Initech (INI)",
        "Initech (formerly Initrode Group)",
        "Initech (North America)",
        "Initech [EMEA]",
        "Initech.com",
        "https://www.initech.com/about",
        "Initech, a Globex company",
        "Initech formerly Initrode",
        "\uff29nitech",
    ],
)
def test_one_employer_many_spellings(other: str) -> None:
    assert WORDS.company(other) == WORDS.company("Initech")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Müller Söhne AG", "muller sohne"),
        ("L'Oréal", "LOreal"),
        ("Crédit Łódź", "Credit Lodz"),
        ("Hinz & Kunz", "Hinz and Kunz"),
        ("Coca-Cola", "The Coca Cola Company"),
        ("Sales Force", "Salesforce"),
        ("International Business Machines (IBM)", "IBM Corp."),
        ("International Business Machines", "IBM"),
        ("IWS (Institute of Widget Studies)", "IWS"),
        ("Institute of Widget Studies (IWS)", "Institute of Widget Studies"),
        ("AT&T Inc.", "AT and T"),
        ("Tiffany & Co.", "Tiffany"),
        ("Massachusetts Institute of Technology", "MIT"),
        ("\uff233.ai", "C3 AI"),
        ("U.S. Army", "US Army"),
    ],
)
def test_spellings_that_mean_one_company(a: str, b: str) -> None:
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Delta", "Delta Air Lines"),
        ("Delta Air Lines", "Delta Faucet Company"),
        ("Ford", "Ford Foundation"),
        ("Limited Brands", "Brands"),
        ("Cancer Research UK", "Cancer Research"),
        ("Apple", "Apple Bank"),
        ("General Electric", "General Motors"),
        ("HP Inc.", "Hewlett Packard Enterprise"),
        ("The Gap", "The Gap Partnership"),
        ("SE", "AG"),
        ("GmbH", "Ltd"),
        ("Inc.", "Corp."),
        ("X", "x.ai"),
        ("Node", "Nodes"),
        ("Johnson & Johnson", "Johnson"),
        ("SC Johnson", "Johnson"),
        ("Bank of China", "Bank of America"),
        ("ガガ", "カカ"),
        ("Federal Judiciary (Third Circuit Court)", "Federal Judiciary (District of Florida)"),
    ],
)
def test_names_that_are_not_one_company(a: str, b: str) -> None:
    assert not same(a, b)


@pytest.mark.parametrize("name", ["SE", "Co-op", "AG", "Limited", "The", "Inc.", "GmbH & Co. KG", "&", "!!!", "()"])
def test_a_name_made_only_of_a_legal_form_or_signs_stays_itself(name: str) -> None:
    assert WORDS.company(name)


@pytest.mark.parametrize(
    "domain", ["initech.com", "www.initech.com", "https://jobs.initech.co.uk/apply?x=1", "initech.io"]
)
def test_a_posting_with_its_domain_is_the_company_people_name(domain: str) -> None:
    for name in ("Initech", "Initech Inc.", "Initech Careers", "Initech Deutschland GmbH", "Initech Group"):
        assert WORDS.company(name, domain) == WORDS.company("Initech")


def test_a_longer_name_is_not_cut_down_by_its_domain() -> None:
    assert WORDS.company("Umbrella Insurance", "umbrella.com") == WORDS.company("Umbrella Insurance")


def test_a_domain_that_says_nothing_leaves_the_name() -> None:
    for domain in (
        "initechhq.com",
        "getinitech.com",
        "linkedin.com",
        "boards.greenhouse.io",
        "gmail.com",
        "",
        "?",
        "x",
    ):
        assert WORDS.company("Initech", domain) == WORDS.company("Initech")


def test_a_domain_settles_a_name_that_many_bear() -> None:
    assert WORDS.company("Delta", "deltafaucet.com") == WORDS.company("Delta Faucet")
    assert WORDS.company("Delta", "delta.com") == WORDS.company("Delta Air Lines")
    assert WORDS.company("Delta", "deltafaucet.com") != WORDS.company("Delta", "delta.com")


def test_a_known_domain_settles_any_name() -> None:
    assert WORDS.company("Big Blue", "ibm.com") == WORDS.company("IBM")


def test_a_name_of_signs_takes_its_domain() -> None:
    assert WORDS.company("initech.com") == WORDS.company("Initech", "initech.com")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("https://www.Initech.com/jobs", "initech.com"),
        ("INITECH.COM.", "initech.com"),
        ("somebody@initech.com", "initech.com"),
        ("initech.com:8080", "initech.com"),
        ("", ""),
    ],
)
def test_host(text: str, bare: str) -> None:
    assert host(text) == bare


def test_registrable() -> None:
    assert [registrable(x) for x in ("a.b.initech.com", "x.initech.co.uk", "initech.de", "localhost")] == [
        "initech.com",
        "initech.co.uk",
        "initech.de",
        "localhost",
    ]


NAMES = st.text(max_size=40) | st.lists(
    st.sampled_from(
        ["The", "Initech", "Inc.", "GmbH", "&", "and", "Co.", "KG", "(X)", "S.A.", "Oy", "-", "a", "e.V.", "é"]
    ),
    max_size=6,
).map(" ".join)


@given(NAMES, st.none() | st.text(max_size=20) | st.sampled_from(["initech.com", "delta.com"]))
def test_never_raises_and_is_stable(name: str, domain: str | None) -> None:
    once = WORDS.company(name, domain)
    assert once is None or WORDS.company(once) == once


@given(NAMES)
def test_case_and_white_space_do_not_matter(name: str) -> None:
    assert WORDS.company(f"\t {name.casefold()} \n") == WORDS.company(name)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Uber", "Uber Technologies, Inc."),
        ("Microsoft", "Microsoft India"),
        ("Deloitte", "Deloitte Digital"),
        ("SAP", "SAP Deutschland SE & Co. KG"),
        ("IBM", "IBM Research"),
        ("Google", "Google India Pvt Ltd"),
        ("University of Zurich", "Zurich University"),
        ("Facebook", "Meta"),
        ("Twitter", "X"),
        ("Square", "Block"),
        ("Initech", "Company: Initech"),
        ("Initech", "Initech (YC S21)"),
        ("Initech", "Initech | Series B"),
        ("Initech", "ex-Initech"),
        ("Initech", "Initech, acquired by Globex"),
        ("Initech", "Initech (via Globex)"),
        ("Initech", "Initech (India) Pvt. Ltd."),
        ("Initech", "Initech S.A. de C.V."),
        ("Initech", "\u041e\u041e\u041e «Initech»"),
        ("Яндекс", "Yandex"),
        ("楽天", "Rakuten"),
        ("삼성전자", "Samsung"),
    ],
)
def test_branches_renames_remarks_and_scripts_are_one_company(a: str, b: str) -> None:
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Bain & Company", "Bain Capital"),
        ("HP", "Hewlett Packard Enterprise"),
        ("Siemens", "Siemens Energy"),
        ("Coop", "SCS"),
        ("DeepMind", "Google"),
        ("YouTube", "Google"),
        ("Bank of India", "Bank of Italia"),
        ("Miami University", "University of Miami"),
        ("National Bank", "National Technologies"),
    ],
)
def test_who_is_apart_stays_apart(a: str, b: str) -> None:
    assert not same(a, b)


@pytest.mark.parametrize(
    "name", ["Confidential", "Stealth Startup", "Self-employed", "N/A", "Looking for work", "Freiberuflich", "無職", ""]
)
def test_no_employer_is_no_company(name: str) -> None:
    assert WORDS.company(name) is None


@pytest.mark.parametrize("name", ["Stealth Communications", "Freelancer.com", "Confidential Records Management"])
def test_a_company_may_be_called_by_such_a_word(name: str) -> None:
    assert WORDS.company(name) is not None


def test_a_subsidiary_is_of_its_owners_family() -> None:
    family = {WORDS.family(str(WORDS.company(name))) for name in ("DeepMind", "YouTube", "Google", "Alphabet")}
    assert family == {"alphabet"}
    assert WORDS.family("initech") == "initech"
