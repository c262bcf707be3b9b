"""Whatever way files change, the service runs what they hold in the end."""

import shutil
import time

import pytest

pytestmark = pytest.mark.processes
VIEWS = "shop/views.py"


def changed(dev, word):
    return (dev.root / VIEWS).read_text().replace("first", word)


def test_a_save_restarts_what_begins_with_python_alone(dev):
    dev.write(VIEWS, changed(dev, "second"))
    dev.says("dev: shop/views.py changed, restarting\n")
    dev.serves("second")
    assert dev.text.count("the other one runs") == 1


def test_saves_while_it_starts_and_a_half_written_file_come_to_the_last_one(dev):
    whole = changed(dev, "last")
    for text in (
        whole.replace("last", "second"),
        whole[:-40],
        whole.replace("last", "third"),
        whole[:-30],
        whole,
    ):
        (dev.root / VIEWS).write_text(text)
        time.sleep(0.4)  # at any moment
    dev.serves("last")


def test_a_file_may_go_and_come_back(dev):
    second = changed(dev, "second")
    (dev.root / VIEWS).unlink()
    dev.says("dev: web failed: ImportError: cannot import name 'views' from 'shop'")
    (dev.root / VIEWS).write_text(second)
    dev.serves("second")


def test_a_checkout_of_many_files_is_one_restart(dev):
    second = changed(dev, "second")
    shutil.rmtree(dev.root / "shop")
    for number in range(200):
        folder = dev.root / "shop" / f"part{number}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (dev.root / "shop" / "__init__.py").touch()
    (dev.root / "shop" / "models.py").touch()
    (dev.root / VIEWS).write_text(second)
    dev.serves("second")
    assert dev.text.count("restarting") <= 2


def test_a_template_and_env_count_and_what_the_service_writes_does_not(dev):
    (dev.root / "media").mkdir()
    (dev.root / "media" / "upload.py").touch()
    (dev.root / "log.txt").touch()
    dev.serves("first page", "/page")  # from now on it is cached
    (dev.root / "shop" / ".#views.py").symlink_to("me@nowhere")  # the lock of an editor
    dev.write("shop/templates/page.html", "second page")
    dev.serves("second page", "/page")
    dev.says("dev: shop/templates/page.html changed, restarting\n")
    dev.write(".env", "SECRET_KEY=short\nDEBUG=true\nUPSTREAMS__QUOTES__BASE_URL=http://127.0.0.1:2\n")
    dev.serves("http://127.0.0.1:2")
    assert dev.text.count("restarting") == 2


def test_a_procfile_that_changes_is_read_again(start, root):
    before = (root / "Procfile").read_text()
    (root / "Procfile").write_text(
        before + "quotes: echo quotes at $UPSTREAMS__QUOTES__BASE_URL; sleep 600\n"
    )
    dev = start()
    dev.serves("first http://127.0.0.1:")
    assert dev.get() != "first http://127.0.0.1:1"
    dev.says("quotes at http")
    at = dev.says("the other one runs\n")
    dev.write("Procfile", before.replace("other:", "another:"))
    dev.says("the other one runs\n", at)
    dev.until(lambda: dev.get() == "first http://127.0.0.1:1")
    assert not [process for process in dev.left() if "quotes at" in " ".join(process.cmdline())]


def test_a_procfile_that_changes_a_moment_after_another_file_is_read_again(dev):
    before = (dev.root / "Procfile").read_text()
    dev.write("shop/views.py", f"{(dev.root / 'shop/views.py').read_text()}\n")
    at = dev.says("dev: shop/views.py changed, restarting\n")
    dev.write("Procfile", f"{before}new: echo the new one runs >&2\n")
    dev.says("the new one runs\n", at)


def test_an_upstream_that_the_procfile_plays_has_a_free_port_unless_it_is_set(start, root):
    with (root / "Procfile").open("a") as file:
        file.write("quotes: echo quotes at $UPSTREAMS__QUOTES__BASE_URL\n")
    one = start()
    one.serves("first http://127.0.0.1:")
    url = one.get().removeprefix("first ")
    assert url not in ("http://127.0.0.1:1", "http://127.0.0.1:3")
    one.says(f"quotes at {url}\n")
    two = start(UPSTREAMS__QUOTES__BASE_URL="http://127.0.0.1:3")
    two.serves("first http://127.0.0.1:3")
