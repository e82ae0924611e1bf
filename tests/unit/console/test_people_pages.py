"""The page of somebody the member knows says one thing at a time, whatever was said of them."""

import pytest

from services.console.browser import SESSION
from tests.unit.console.answering import client

MEI = {
    "id": "mei", "name": "Mei Zhang", "position": None, "company": "Initech", "email": None, "profile_url": None,
    "connected_on": None, "member": True, "closeness": None, "worked_together": None, "may_find_me": True,
    "blocked": False,
}  # fmt: skip
ME = {"visible_to_contacts": True, "introduces": True, "discreet": False}


@pytest.mark.parametrize(("contact", "hidden", "said", "unsaid"), [
    ({}, None, ["may find you here", "You have not said it yet"], ["You blocked them", "You hid them"]),
    ({"closeness": 4}, [], ["Take it back"], ["You have not said it yet"]),
    ({"blocked": True}, [MEI], ["You blocked them", "Nothing, as long as you block them", "Unblock"],
     ["may find you here", "no way in has both of you", "You hid them"]),
    ({}, [MEI], ["You hid them", "no way in has both of you"], ["You blocked them"]),
])  # fmt: skip
async def test_what_was_said_of_somebody_is_not_contradicted(contact, hidden, said, unsaid):
    answers = {"/v1/contacts/mei": MEI | contact, "/v1/me": ME, "/v1/hidden": None}
    answers |= {} if hidden is None else {"/v1/hidden": {"people": hidden, "items": []}}
    async with client(answers, **{SESSION: "wpm_s"}) as http:
        page = (await http.get("/people/mei")).text
    assert [words for words in said if words not in page] == []
    assert [words for words in unsaid if words in page] == []
