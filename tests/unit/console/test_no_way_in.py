"""Why there is no way into a company, where the member's own choice is the reason."""

import pytest

from services.console.browser import SESSION
from tests.unit.console.answering import client

NOTHING = {"company": "Initech", "paths": [], "left": []}
KEPT = "as long as your search is kept from your employer"


@pytest.mark.parametrize(
    ("discreet", "job", "kept"),
    [
        (True, {"company": "Initech"}, True),
        (False, {"company": "Initech"}, False),
        (True, {"company": "Initech", "end": "2024-01"}, False),
        (True, {"company": "Globex"}, False),
    ],
)
async def test_the_present_employer_of_a_discreet_member(discreet, job, kept):
    me = {"seeking": None, "employments": [job], "discreet": discreet}
    answers = {
        "/v1/paths": NOTHING,
        "/v1/companies": {"items": [{"company": "Initech", "employer": True}]},
        "/v1/me": me,
    }
    answers |= {"/v1/contacts/named": {"items": []}, "/v1/vocabulary": {"did_you_mean": []}}
    async with client(answers, **{SESSION: "wpm_somebody"}) as http:
        page = (await http.get("/paths?company=Initech")).text
    assert (KEPT in page) == kept
    assert "Did you mean" not in page, "the company that was asked for is no other one"
