"""The admin, as browsers are told to treat it, and as strangers meet it."""

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


def test_passwords_are_guessed_ten_times_and_then_not_even_the_right_one_is_taken(admin_user, client):
    guesses = [{"username": "admin", "password": f"guess {number}"} for number in range(11)]
    statuses = [client.post("/admin/login/", guess).status_code for guess in guesses]
    assert statuses == [200] * 10 + [429]
    refused = client.post("/admin/login/", {"username": "admin", "password": "password"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/admin/login/", {"username": "admin", "password": "password"}).status_code == 302
