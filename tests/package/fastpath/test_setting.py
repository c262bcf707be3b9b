"""Settings that each request reads: what they are now, however they have changed."""

import pytest
from django.conf import LazySettings, settings
from django.test import override_settings
from upstreams.fastpath import setting as read
from upstreams.fastpath.setting import setting


def test_a_changed_setting_is_read():
    before = setting("ROOT_URLCONF")
    assert before == settings.ROOT_URLCONF
    with override_settings(ROOT_URLCONF="other"):
        assert setting("ROOT_URLCONF") == "other"
        with override_settings(ROOT_URLCONF="inner"):
            assert setting("ROOT_URLCONF") == "inner"
        assert setting("ROOT_URLCONF") == "other"
    assert setting("ROOT_URLCONF") == before


def test_an_assigned_and_a_deleted_setting_are_read(settings):
    assert setting("APPEND_SLASH") is True
    settings.APPEND_SLASH = False
    assert setting("APPEND_SLASH") is False
    del settings.APPEND_SLASH
    with pytest.raises(AttributeError):
        setting("APPEND_SLASH")


def test_the_first_read_sets_up_the_settings(monkeypatch):
    fresh = LazySettings()
    monkeypatch.setattr(read, "settings", fresh)
    assert setting("ASGI_APPLICATION") == settings.ASGI_APPLICATION
    assert fresh.configured


def test_a_missing_setting_is_djangos_error():
    with pytest.raises(AttributeError, match="NO_SUCH_SETTING"):
        setting("NO_SUCH_SETTING")
