"""What a developer sees and types: prints, prompts, colours."""

import re
import threading

import pytest

pytestmark = pytest.mark.processes
VIEWS = "shop/views.py"


@pytest.mark.parametrize("kind", ["async def", "def"])
def test_a_breakpoint_shows_its_prompt_and_no_deadline_passes_meanwhile(start, root, kind):
    text = (root / VIEWS).read_text()
    text = text.replace(
        "async def index(request):\n", f"{kind} index(request):\n    here = 'x' * 3\n    breakpoint()\n"
    )
    (root / VIEWS).write_text(text)
    dev = start()
    dev.until(lambda: "Uvicorn running" in dev.text)
    got = []
    asking = threading.Thread(target=lambda: got.append(dev.get()))
    asking.start()
    at = dev.says("(Pdb) ")
    asking.join(3)  # longer than REQUEST, and than the loop may be blocked
    dev.type("here + 'y'\n")
    dev.says("'xxxy'", since=at)
    dev.type("c\n")
    asking.join(30)
    assert got == ["first http://127.0.0.1:1"]
    dev.says("printed by the view\n")
    assert "blocked" not in dev.text
    assert "File" not in dev.text[at:]


def test_a_save_at_the_prompt_of_a_debugger_restarts_and_the_terminal_echoes_again(start, root):
    text = (root / VIEWS).read_text()
    (root / VIEWS).write_text(text.replace("    print(", "    breakpoint()\n    print("))
    dev = start()
    dev.until(lambda: "Uvicorn running" in dev.text)
    asking = threading.Thread(target=dev.get)
    asking.start()
    dev.says("(Pdb) ")
    dev.write(VIEWS, text)
    dev.serves("first")
    asking.join(30)
    at = len(dev.text)
    dev.type("seen\n")
    dev.says("seen\n", since=at)


def test_each_line_has_one_timestamp_and_colours_are_those_of_a_terminal(start):
    dev = start()
    dev.serves("first")
    dev.until(lambda: "request " in dev.text)
    lines = [line for line in dev.text.splitlines() if "[info" in line]
    assert {len(re.findall(r"\d\d:\d\d:\d\d", line)) for line in lines} == {1}
    assert "\x1b[" in dev.shown


def test_no_color_is_followed(start):
    dev = start(NO_COLOR="1")
    dev.serves("first")
    dev.until(lambda: "request " in dev.text)
    assert "\x1b[" not in dev.shown
