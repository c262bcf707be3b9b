"""The settings of a plain project."""

SECRET_KEY = "only-for-tests-" * 5
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "upstreams"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
UPSTREAMS = {
    "quotes": {"BASE_URL": "https://quotes.example.com/v1"},
    "rates": {"BASE_URL": "https://rates.example.com"},
    "local": {"BASE_URL": "http://127.0.0.1:9/v1"},
}
TEST_RUNNER = "upstreams.testing.runner.UpstreamsTestRunner"
STATIC_URL = "static/"
