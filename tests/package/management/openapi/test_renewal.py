"""`--openapi` for an upstream that is there: what it shows, what it writes, and what it never loses."""

import copy
import json

import pytest
from django.core.management import CommandError, call_command

from management.openapi.schemas import STORE, TEXT

MINE = "\n\n    async def mine(self) -> None: ...\n"


@pytest.fixture
def changed():
    """Return the schema with a field more."""
    schema = copy.deepcopy(STORE)
    schema["components"]["schemas"]["Pet"]["properties"]["colour"] = TEXT
    return schema


@pytest.fixture
def written(write, root):
    write(STORE, "store")
    own = root / "services/store.py"
    own.write_text(own.read_text() + MINE)
    return root / "services/store_schema.py"


def test_the_same_schema_changes_nothing(write, written, capsys):
    capsys.readouterr()
    write(STORE, "store")
    assert capsys.readouterr().out == "services/store_schema.py is up to date.\n"


def test_a_change_is_shown_and_not_written(write, written, changed, capsys):
    before = written.read_text()
    capsys.readouterr()
    write(changed, "store")
    out = capsys.readouterr().out
    assert out.startswith("--- services/store_schema.py\n+++ services/store_schema.py (new)\n")
    assert "+    colour: str | None = None\n" in out
    assert out.endswith("Nothing was written; add --write to write it.\n")
    assert written.read_text() == before


def test_a_change_that_only_the_tests_see_is_shown_too(write, written, changed, capsys):
    del changed["components"]["schemas"]["Pet"]["properties"]["colour"]
    changed["components"]["schemas"]["Pet"]["properties"]["name"]["maxLength"] = 80
    capsys.readouterr()
    write(changed, "store")
    out = capsys.readouterr().out
    assert out.startswith("--- services/store_openapi.json\n+++ services/store_openapi.json (new)\n")
    assert '+            "maxLength": 80,\n' in out


def test_a_schema_that_was_not_recorded_yet_is_written(write, written, root, capsys):
    record = root / "services/store_openapi.json"
    before = record.read_text()
    record.unlink()
    capsys.readouterr()
    write(STORE, "store")
    assert "services/store_openapi.json is not there yet.\nNothing was written" in capsys.readouterr().out
    write(STORE, "store", write=True)
    assert record.read_text() == before


def test_a_recorded_schema_that_was_edited_is_never_overwritten(write, written, changed, root):
    record = root / "services/store_openapi.json"
    record.write_text(record.read_text().replace('"string"', '"integer"', 1))
    with pytest.raises(
        CommandError,
        match=r"^services/store_openapi\.json was edited: undo that or delete it, and run this again",
    ):
        write(changed, "store", write=True)
    assert "colour" not in written.read_text()


def test_another_form_of_a_recorded_schema_is_no_edit(write, written, changed, root):
    record = root / "services/store_openapi.json"
    record.write_text(json.dumps(json.loads(record.read_text())))
    write(changed, "store", write=True)
    assert '"colour"' in record.read_text()


def test_write_writes_it_and_leaves_the_own_methods(write, written, changed, root, capsys):
    test = root / "services/tests/test_store.py"
    test.write_text("mine")
    write(changed, "store", write=True)
    assert "    colour: str | None = None\n" in written.read_text()
    assert (root / "services/store.py").read_text().endswith(MINE)
    assert test.read_text() == "mine"
    capsys.readouterr()
    write(changed, "store")
    assert capsys.readouterr().out == "services/store_schema.py is up to date.\n"


def test_another_formatter_is_no_edit(write, written, changed):
    written.write_text(written.read_text().replace('"', "'").replace("'''", '"""').replace("(\n", "("))
    write(changed, "store", write=True)
    assert "colour" in written.read_text()


@pytest.mark.parametrize("edit", ["\n# mine\n", "\n\ndef mine(): ...\n"])
def test_an_edit_by_hand_is_never_overwritten(write, written, changed, edit):
    text = written.read_text()
    written.write_text(text.replace("\n\nclass Pet(", f"{edit}\n\nclass Pet("))
    before = written.read_text()
    with pytest.raises(CommandError, match=r"^services/store_schema\.py was edited: move your own code into"):
        write(changed, "store", write=True)
    assert (written.read_text(), before != text) == (before, True)


def test_code_below_the_mark_is_an_edit_too(write, written, changed):
    written.write_text(written.read_text() + "mine = 1\n")
    with pytest.raises(CommandError, match="was edited"):
        write(changed, "store", write=True)


def test_a_module_that_was_written_by_hand_is_left_alone(write, root):
    (root / "services/store.py").write_text("mine")
    with pytest.raises(CommandError, match=r"^services/store\.py exists; nothing was written$"):
        write(STORE, "store")
    assert not (root / "services/store_schema.py").exists()


def test_remove_deletes_the_module_of_the_schema_too(written, root):
    call_command("startupstream", "store", remove=True)
    assert not list((root / "services").rglob("*store*"))
