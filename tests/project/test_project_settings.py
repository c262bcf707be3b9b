"""The apps and the middleware of a project, in their order: no test of a team's own notices when one is gone."""

import ast

from generation import ROOT

SETTINGS = ROOT / "{{cookiecutter.project_slug}}" / "config" / "settings.py"
APPS = """
django.contrib.admin django.contrib.auth django.contrib.contenttypes django.contrib.sessions
django.contrib.messages django.contrib.staticfiles axes upstreams *tasks.APPS upstreams.tasks.schedule
upstreams.contrib.tokens upstreams.contrib.upstreams_page services users *api.APPS
"""
MIDDLEWARE = """
asgi.problem_details.ProblemDetailsMiddleware asgi.access_log.RouteMiddleware
fastpath.middleware.SecurityMiddleware fastpath.middleware.ContentSecurityPolicyMiddleware
fastpath.middleware.SessionMiddleware fastpath.middleware.CommonMiddleware
fastpath.middleware.CsrfViewMiddleware fastpath.middleware.AuthenticationMiddleware
fastpath.middleware.MessageMiddleware fastpath.middleware.XFrameOptionsMiddleware
"""


def elements(setting: str) -> list[str]:
    for statement in ast.parse(SETTINGS.read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == setting:
            assert isinstance(statement.value, ast.List)
            return [ast.unparse(one).strip("'") for one in statement.value.elts]
    return []


def test_the_apps_are_these() -> None:
    assert elements("INSTALLED_APPS") == APPS.split()


def test_the_middleware_has_this_order() -> None:
    assert elements("MIDDLEWARE") == [f"upstreams.{name}" for name in MIDDLEWARE.split()]
