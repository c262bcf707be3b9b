"""The page shows what mocks do, and changes it for this machine alone."""

import pytest

pytestmark = pytest.mark.processes  # ports of this machine


def test_a_browser_gets_forms_that_work_without_scripts(served):
    page = served.client.get(f"{served.page}/", headers={"accept": "text/html"})
    assert "<script" not in page.text
    for shown in ('<form method="post" action="/quotes">', served.url, "Now: <strong>normal</strong>"):
        assert shown in page.text
    form = {"behavior": "slow", "seconds": "", "status": "503", "ratio": "1.0"}  # as a browser sends it
    changed = served.client.post(
        f"{served.page}/quotes", data=form, headers={"origin": served.page}, follow_redirects=True
    )
    assert changed.status_code == 200
    page = served.client.get(f"{served.page}/", headers={"accept": "text/html"})
    assert "Now: <strong>slow (3 s)</strong>" in page.text


def test_a_command_gets_json(served):
    served.client.get(f"{served.url}/random")
    served.client.post(f"{served.page}/quotes", data={"behavior": "fail", "ratio": "0.5"})
    (about,) = served.client.get(f"{served.page}/").json().values()
    assert about == {
        "url": served.url,
        "calls": 1,
        "behavior": "fail",
        "seconds": None,
        "status": 503,
        "ratio": 0.5,
    }


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"behavior": "explode"}, "behavior 'explode' is none of normal, slow, fail"),
        ({"behavior": "slow", "seconds": "soon"}, "seconds: "),
        ({"behavior": "fail", "status": "200"}, "status: "),
        ({"behavior": "fail", "ratio": "0"}, "ratio: "),
        ({"behaviour": "slow"}, "behaviour: unknown field; did you mean 'behavior'?"),
    ],
)
def test_a_wrong_form_is_refused_by_its_field(served, form, why):
    response = served.client.post(f"{served.page}/quotes", data=form)
    assert (response.status_code, response.text.startswith(why)) == (400, True), response.text
    assert str(served.behavior) == "normal"


def test_an_unknown_mock_is_named(served):
    response = served.client.post(f"{served.page}/qoutes", data={"behavior": "slow"})
    assert (response.status_code, response.text) == (404, "there is no mock of 'qoutes'; there is quotes\n")


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example.com"}, {"origin": "null"}, {"host": "evil.example.com"}],
    ids=["a website", "a sandbox", "a name that leads here"],
)
def test_another_website_changes_nothing(served, headers):
    response = served.client.post(f"{served.page}/quotes", data={"behavior": "slow"}, headers=headers)
    assert (response.status_code, str(served.behavior)) == (403, "normal")
