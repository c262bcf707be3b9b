"""The command that installs an extra is the one that the project has."""

from upstreams.core import extras


def test_a_generated_project_has_its_own_uv():
    assert extras.needed("CACHE_URL", "redis") == (
        "CACHE_URL needs an extra: scripts/uv add 'django-upstreams[redis]'"
    )


def test_a_project_that_has_installed_the_wheel_has_another(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "VENDORED", tmp_path / "RECORD.sha256")
    assert extras.needed("serve", "asgi") == "serve needs an extra: uv add 'django-upstreams[asgi]'"
