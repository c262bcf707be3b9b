"""The mail server: the one that EMAIL_URL names, this machine, or the terminal."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.smtp import EmailBackend
from upstreams.environ import Env


@pytest.fixture
def read(monkeypatch):
    """The only mailer of an environment."""

    def read(url="", debug="false"):
        monkeypatch.setenv("EMAIL_URL", url)
        monkeypatch.setenv("SECRET_KEY", "k" * 50)
        monkeypatch.setenv("DEBUG", debug)
        return Env.read().mailers()["default"]

    return read


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtp+tls://mail.test", "mail.test", 587, True, False),
        ("smtps://mail.test", "mail.test", 465, False, True),
        ("smtp://[::1]:2525", "::1", 2525, False, False),
        ("", "localhost", 25, False, False),
    ],
)
def test_a_url_becomes_the_options_of_djangos_backend(read, url, host, port, tls, ssl):
    backend = EmailBackend(alias="default", **read(url)["OPTIONS"])
    assert (backend.host, backend.port, backend.use_tls, backend.use_ssl) == (host, port, tls, ssl)


def test_a_user_and_a_password_are_decoded(read):
    options = read("smtps://a%40b.test:p%2F@mail.test")["OPTIONS"]
    assert (options["username"], options["password"]) == ("a@b.test", "p/")


def test_mail_is_printed_under_debug_unless_there_is_a_server(read):
    assert read(debug="true")["BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert read("smtp://a", debug="true")["BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    "url", ["mail.test", "http://mail.test", "smtp://", "smtp://:half/secret@a", "smtp://a:0"]
)
def test_a_wrong_url_is_refused_in_one_sentence_without_its_password(read, url):
    with pytest.raises(
        ImproperlyConfigured, match=r"^EMAIL_URL: write smtp\+tls://user:password@host:587 or "
    ) as caught:
        read(url)
    assert "secret" not in str(caught.value)
