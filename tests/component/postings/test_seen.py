"""An advert seen elsewhere: for members only, nothing kept, one answer to everything that goes wrong with a link."""

from dataclasses import replace

import pytest
import pytest_asyncio

from services.postings.quota import LinksAnHour
from shared.web.fetcher import Fetched, FetchError
from shared.web.identity import Caller

from .conftest import OPERATOR, SERVICE

PATH, MEMBER = "/v1/seen-openings", "wpm_amara"
PAGE = '<script type="application/ld+json">{"@type":"JobPosting","title":"Cook","hiringOrganization":"Inn"}</script>'


class Members:
    """Stands in for profiles: whose a token is."""

    owned = False

    async def find(self, token, **_):
        return Caller("member", token.removeprefix("wpm_"), "read" if token.endswith("reads") else "all")


class Outside:
    """Stands in for the fetcher, whose own tests are about what it refuses."""

    def __init__(self):
        self.pages = {"https://jobs.example/1": Fetched("https://jobs.example/one", "text/html", None, PAGE.encode())}
        self.pages["https://jobs.example/2"] = Fetched("https://jobs.example/2", "application/pdf", None, b"%PDF")

    async def get(self, url, kinds):
        if url not in self.pages or self.pages[url].media_type not in kinds:
            raise FetchError
        return self.pages[url]


@pytest_asyncio.fixture(loop_scope="session")
async def members(service):
    service.app.state.authenticator._sources["wpm_"] = Members()
    found = service.app.state.dependencies
    service.app.state.dependencies = replace(found, fetcher=Outside(), links=LinksAnHour(3))
    return service


async def ask(members, token=MEMBER, **body):
    return await members.call("POST", PATH, token, json=body)


async def test_a_link_and_a_text_say_what_they_are_about(members):
    found = (await ask(members, link="https://jobs.example/1")).json()
    assert found == {
        "source": "data", "title": "Cook", "company": "Inn", "domain": None, "locations": [],
        "link": "https://jobs.example/one",
    }  # fmt: skip
    found = (await ask(members, text="Title: Cook\nCompany: Inn\nPlace: Faro")).json()
    assert (found["source"], found["title"], found["company"], found["locations"]) == ("words", "Cook", "Inn", ["Faro"])


async def test_whatever_is_wrong_with_a_page_the_answer_is_one(members):
    answers = [await ask(members, "wpm_" + link[-1] * 3, link=link) for link in (
        "https://jobs.example/2", "http://127.0.0.1/x", "http://169.254.169.254/latest", "https://nowhere.example/y",
    )]  # fmt: skip
    assert {answer.status_code for answer in answers} == {422}
    assert len({(answer.json()["detail"], answer.json()["title"]) for answer in answers}) == 1


@pytest.mark.parametrize(
    "body", [{}, {"link": "", "text": ""}, {"link": "x", "text": "y"}, {"link": "no link"}, {"url": "x"}]
)
async def test_a_request_that_is_neither_says_so(members, body):
    answer = await ask(members, **body)
    assert answer.status_code == 422


async def test_it_is_for_members_who_may_do_more_than_read(members, key):
    for token in (OPERATOR, SERVICE, key, "wpm_who_reads"):
        assert (await ask(members, token, text="Title: Cook")).status_code == 403
    assert (await ask(members, None, text="Title: Cook")).status_code == 401


async def test_links_are_limited_for_each_member_and_text_is_not(members):
    for _ in range(3):
        assert (await ask(members, link="https://jobs.example/1")).status_code == 200
    refused = await ask(members, link="https://jobs.example/1")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert (await ask(members, "wpm_mei", link="https://jobs.example/1")).status_code == 200
    assert (await ask(members, text="Title: Cook")).status_code == 200


async def test_nothing_is_kept(members):
    await ask(members, text="Title: Cook\nCompany: Very Unlikely Inn")
    for table in await members.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'postings'"):
        rows = await members.pool.fetch(f"SELECT * FROM postings.{table['tablename']}")  # noqa: S608 - our own names
        assert not any("Unlikely" in str(dict(row)) for row in rows), table


def test_a_link_is_free_again_after_an_hour():
    now = [0.0]
    links = LinksAnHour(1, lambda: now[0])
    links.take("amara")
    now[0] = 3599
    with pytest.raises(Exception, match="429"):
        links.take("amara")
    now[0] = 3601
    links.take("amara")
    links.take("mei")
    now[0] = 9000
    links.take("kai")
    assert links._used.keys() == {"kai"}, "who asked long ago is forgotten"
