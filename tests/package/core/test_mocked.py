"""`UPSTREAMS_MOCKS` leads upstreams to their mocks, under DEBUG alone, and with no credential."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from upstreams.clients.states import upstream_states
from upstreams.core.definition import configured, parse_settings
from upstreams.core.mocked import Mocks, mocks

URL = "http://127.0.0.1:8101"
FORM = "write quotes=http://127.0.0.1:8101, with commas between several"


@pytest.fixture
def mocked(monkeypatch, settings):
    """Sets the variable and the keys of quotes."""

    def mocked(text=f"quotes={URL}", **keys):
        monkeypatch.setenv("UPSTREAMS_MOCKS", text)
        settings.DEBUG = True
        settings.UPSTREAMS = {
            "quotes": {"BASE_URL": "https://api.example.com/v1", "TIMEOUT": 3, **keys},
            "rates": {"BASE_URL": "https://rates.example.com"},
        }

    return mocked


def test_an_upstream_leads_to_its_mock_and_the_others_do_not(mocked):
    mocked()
    found = configured()
    assert (found["quotes"].base_url, found["quotes"].timeout) == (URL, 3)
    assert found["rates"].base_url == "https://rates.example.com"
    assert [state.address for state in upstream_states()] == [URL, "https://rates.example.com"]


@pytest.mark.parametrize(
    "keys",
    [
        {"AUTH": {"BEARER": None}},  # a developer has no token
        {"AUTH": {"BASIC": ["me", "secret"]}},
        {"HEADERS": {"X-Api-Key": None, "Accept": "text/plain"}},
        {"PROXY": "http://proxy.example.com:3128"},
        {"UDS": "/run/quotes.sock"},
        {"TRANSPORT": "http2", "CA": "/no/such/file", "CERT": "/no/such/file"},
    ],
    ids=lambda keys: next(iter(keys)),
)
def test_nothing_of_the_way_to_the_real_one_is_used(mocked, keys):
    mocked(**keys)
    found = configured()["quotes"]
    used = [found.auth, found.proxy, found.uds, found.ca, found.cert]
    assert (used, found.transport) == ([None] * 5, "http1")
    assert set(found.headers) <= {"accept"}


@pytest.mark.parametrize("form", [dict, str])
def test_a_client_of_oauth2_asks_the_mock_for_its_token(mocked, form):
    oauth2 = {"TOKEN_URL": "https://id.example.com/token", "CLIENT_ID": "me", "CLIENT_SECRET": "secret"}
    mocked(AUTH={"OAUTH2": oauth2} if form is dict else f'{{"OAUTH2": {str(oauth2).replace("'", '"')}}}')
    found = configured()["quotes"].auth.oauth2
    assert (found.token_url, found.client_id) == (f"{URL}/__mock__/token", "mock")
    assert found.client_secret.reveal() == "mock"


def test_keys_for_all_upstreams_do_not_lead_elsewhere(mocked, settings):
    mocked()
    settings.UPSTREAMS = {"*": {"PROXY": "http://proxy.example.com:3128"}, **settings.UPSTREAMS}
    assert (configured()["quotes"].proxy, str(configured()["rates"].proxy)[:12]) == (None, "http://proxy")


def test_outside_of_debug_it_is_refused(mocked, settings):
    mocked()
    settings.DEBUG = False
    sentence = "UPSTREAMS_MOCKS: mocks take the place of upstreams only under DEBUG; unset it"
    assert parse_settings()[1] == [sentence]
    with pytest.raises(ImproperlyConfigured, match="only under DEBUG"):
        configured()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("quotes=8101", "quotes=8101: write a URL such as https://api.example.com"),
        ("quotes:8101", f"quotes:8101: {FORM}"),
        (f"Quotes={URL}", f"Quotes={URL}: {FORM}"),
    ],
)
def test_another_form_is_refused_with_the_right_one(mocked, text, why):
    mocked(text)
    assert parse_settings()[1] == [f"UPSTREAMS_MOCKS: {why}"]


def test_an_alias_that_the_settings_do_not_have_is_named_and_no_mistake(mocked, caplog):
    mocked(f"quots={URL}")
    assert parse_settings()[1] == []
    assert caplog.messages == ["UPSTREAMS_MOCKS: quots: not in settings.UPSTREAMS; did you mean 'quotes'?"]


def test_the_page_is_the_item_without_an_alias(mocked):
    text = f"http://127.0.0.1:8100,quotes={URL},rates=http://127.0.0.1:8102"
    mocked(text)
    urls = {"quotes": URL, "rates": "http://127.0.0.1:8102"}
    assert mocks() == Mocks(urls, "http://127.0.0.1:8100")
    assert str(mocks()) == text


def test_without_the_variable_there_are_none(monkeypatch):
    monkeypatch.delenv("UPSTREAMS_MOCKS", raising=False)
    assert mocks() == Mocks({})
