"""Path templates: no ids in labels, whichever router an endpoint came from."""

from types import SimpleNamespace

import pytest

from shared.web.routes import template_of


@pytest.mark.parametrize(
    ("path", "own", "params", "template"),
    [
        ("/v1/postings/p-1", "/postings/{posting_id}", {"posting_id": "p-1"}, "/v1/postings/{posting_id}"),
        ("/v1/postings/p-1", "/v1/postings/{posting_id}", {"posting_id": "p-1"}, "/v1/postings/{posting_id}"),
        ("/v1/o-1/postings", "/postings", {"org": "o-1"}, "/v1/{org}/postings"),
        ("/v1/postings", "", {}, "/v1/postings"),
        ("/live", "/live", {}, "/live"),
        ("/", "/", {}, "/"),
    ],
)
def test_template(path, own, params, template):
    scope = {"path": path, "route": SimpleNamespace(path=own), "path_params": params}
    assert template_of(scope) == template


def test_nothing_matched():
    assert template_of({"path": "/wp-login.php"}) is None
