"""What is wrong with a form, told by the field's label and what to do; no word that only a program understands."""

import httpx2
import pytest

from services.console.backend import FieldError, ServiceError
from services.console.browser import SESSION, form_token
from services.console.faults import fault, sentence
from services.console.forms import reasons
from tests.unit.console.answering import browser


@pytest.mark.parametrize(("field", "reason", "said"), [
    ("title", "Field required", "Title: fill this in."),
    ("seeking.titles.0", "String should have at least 1 character", "Job titles, entry 1: fill this in."),
    ("skills.3", "String should have at most 60 characters", "Skills, entry 4: use 60 characters at most."),
    ("asks_a_month", "Input should be less than or equal to 30", "Requests within 30 days: enter 30 at most."),
    ("company.domain", "is not a web domain such as acme.example",
     "Web domain of the company: enter one such as acme.example."),
    ("salary.max", "is below salary.min", "Pay, to: enter as much as the least, or more."),
    ("valid_through", "Input should be a valid date or datetime, input is too short",
     "Last day: enter a day: 2026-10-31."),
    ("salary.currency", "is no currency of ISO 4217, as EUR is", "Currency: enter three letters, such as EUR."),
    ("seeking.salary.min", "Input should be a valid number, unable to parse string as a number",
     "Pay, from: enter a number."),
    ("of_nobody", "is odd", "Of nobody: is odd."),
    ("body", "is not UTF-8", "The file: is not UTF-8."),
    ("body", "this is no file of contacts", "This is no file of contacts."),
])  # fmt: skip
def test_a_fault_names_the_field_by_its_label_and_says_what_to_do(field, reason, said):
    assert fault(field, reason) == said


@pytest.mark.parametrize(("text", "said"), [("no", "No."), ("No!", "No!"), (" why? ", "Why?"), ("", "")])
def test_what_a_service_says_becomes_a_sentence(text, said):
    assert sentence(text) == said


def test_what_belongs_to_no_field_of_the_form_is_told_as_well():
    error = ServiceError(422, "x", (FieldError("skills.0", "is blank"), FieldError("url", "is blank")))
    assert reasons(error, ("skills",)) == {
        "skills": "Skills, entry 1: fill this in.", "": "Link to the whole text: fill this in.",
    }  # fmt: skip
    assert reasons(ServiceError(409, "that was too late"), ()) == {"": "That was too late."}


def refusing(field, reason):
    def answer(request):
        if request.method == "GET":
            return httpx2.Response(200, json={"asks_a_month": 5, "quiet_until": None, "from": "any", "never": {}})
        problem = {"detail": f"{field}: {reason}", "errors": [{"field": field, "reason": reason}]}
        return httpx2.Response(422, json=problem)

    return browser(answer, **{SESSION: "wpm_s"})


async def test_the_summary_leads_to_the_field_and_the_field_says_what_is_wrong():
    async with refusing("asks_a_month", "Input should be less than or equal to 30") as http:
        said = await http.post("/limits", data={"form_token": form_token("wpm_s"), "asks_a_month": "99"})
    assert said.status_code == 422
    assert '<a href="#asks_a_month">Requests within 30 days: enter 30 at most.</a>' in said.text
    assert 'aria-describedby="asks_a_month-hint asks_a_month-wrong" aria-invalid="true"' in said.text


async def test_an_error_without_a_form_is_told_in_the_same_words():
    async with refusing("contact_id", "Field required") as http:
        said = await http.post("/keep-in-touch/x", data={"form_token": form_token("wpm_s"), "what": "done"})
    assert said.status_code == 422
    assert "Contact id: fill this in." in said.text
