"""`manage.py startupstream NAME --remove`: what it takes out of a project, and what it leaves."""

import pytest
from django.core.management import CommandError, call_command
from upstreams.management import example

URL = "https://api.github.com"


def files(root):
    found = {str(path.relative_to(root)) for path in root.rglob("*.*") if path.suffix != ".pyc"}
    return sorted(name for name in found if not name.endswith("__init__.py"))


def test_an_upstream_is_taken_out_and_what_still_names_it_is_printed(root, capsys):
    call_command("startupstream", "nobodys", URL)
    (root / "settings.py").write_text('UPSTREAMS = {\n    "nobodys": {"BASE_URL": "https://a.test"},\n}\n')
    (root / "vendor").mkdir()
    (root / "vendor" / "other.py").write_text("nobodys\n")
    capsys.readouterr()
    call_command("startupstream", "nobodys", remove=True)
    assert files(root) == ["settings.py", "vendor/other.py"]
    assert capsys.readouterr().out == (
        "Deleted services/nobodys.py\n"
        "Deleted services/tests/test_nobodys.py\n"
        "Still named in:\n"
        'settings.py:2: "nobodys": {"BASE_URL": "https://a.test"},\n'
    )


def test_the_name_of_the_project_is_not_the_upstream_and_code_comes_first(tmp_path):
    root = tmp_path / "quotes-service"
    root.mkdir()
    (root / "README.md").write_text("# quotes-service\nIt calls quotes.\n")
    (root / "views.py").write_text("quotes\n")
    assert example.mentions("quotes", root) == ["views.py:1: quotes", "README.md:2: It calls quotes."]


def test_one_that_is_not_there_is_named(root):
    message = r"^name: there is no services/nobodys\.py; nothing was removed$"
    with pytest.raises(CommandError, match=message):
        call_command("startupstream", "nobodys", remove=True)


def test_files_that_are_marked_go_with_their_folders(root, capsys):
    mine = root / "shop"
    (mine / "migrations").mkdir(parents=True)
    for name in ("__init__.py", "migrations/__init__.py"):
        (mine / name).touch()
    (mine / "models.py").write_text('# example: quotes\n"""Models."""\n')
    (root / "run.py").write_text("#!/usr/bin/env python\n# example: quotes\n")
    (root / "kept.py").write_text('"""Kept."""\n# example: others\n')
    call_command("startupstream", "quotes", remove=True)
    assert files(root) == ["kept.py"]
    assert not mine.exists()
    assert capsys.readouterr().out == "Deleted run.py\nDeleted shop\nDeleted shop/models.py\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1\nb = 2  # example: quotes\nc = 3\n", "a = 1\nc = 3\n"),
        ("a = 1\nb = 2  # example: quotes too\n", "a = 1\nb = 2  # example: quotes too\n"),
        ("x = [\n    1,  # example: quotes\n]\n", "x = []\n"),
        ('x = env(\n    {\n        "quotes": {},  # example: quotes\n    }\n)\n', "x = env({})\n"),
        (
            'x = {\n    "quotes": {  # example: quotes\n        "A": 1,\n    },\n    "b": 1,\n}\n',
            'x = {\n    "b": 1,\n}\n',
        ),
        (
            "a = 1\n\n\ndef f():  # example: quotes\n    x = 1\n\n    return x\n\n\nb = 2\n",
            "a = 1\n\n\nb = 2\n",
        ),
        ("a = 1\n\n\n# example: quotes\ndef f():\n    return 1\n", "a = 1\n"),
        ("a:\n  b: 1\n\n  quotes: # example: quotes\n    c: 1\n\n  d: 1\n", "a:\n  b: 1\n\n  d: 1\n"),
        ("# A\n\n<!-- example: quotes -->\nOf the example.\n\nMore.\n", "# A\n\nMore.\n"),
        ("web: a\nquotes: b  # example: quotes\n", "web: a\n"),
    ],
)
def test_what_is_marked_goes_with_what_is_indented_below_it(before, after):
    assert example.without_marked(before, "quotes") == after
