"""The admin, as browsers are told to treat it."""

from django.test import Client


def test_a_page_runs_nothing_but_our_own_and_lies_in_no_frame(db):
    policy = Client().get("/admin/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_cookies_go_over_tls_alone_and_no_script_reads_them(admin_user, client):
    page = client.get("/admin/login/")
    page = client.post("/admin/login/", {"username": "admin", "password": "password"})
    assert page.status_code == 302
    kept = {(cookie["secure"], cookie["httponly"]) for cookie in client.cookies.values()}
    assert kept == {(True, True)}
