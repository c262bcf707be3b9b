"""What axe-core, an accessibility checker, finds in a page that headless Chromium shows."""

import html
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
NEEDED = "needs Chromium and axe-core: apt-get install chromium; npm install --global axe-core"
RUN = """
<script>{axe}</script>
<script>
axe.run().then(found => {{
  const lines = found.violations.flatMap(one => one.nodes.map(node => `${{one.id}}: ${{node.html}}`));
  lines.push(...(document.documentElement.scrollWidth > innerWidth ? ["wider than the window"] : []));
  const pre = document.createElement("pre");
  pre.id = "axe";
  pre.textContent = lines.join("\\n") + "\\nchecked";
  document.body.append(pre);
}});
</script>
"""


@cache
def axe_core():
    """The file of axe-core: `AXE_CORE` names it, or `npm install --global axe-core` has installed it."""
    if file := os.environ.get("AXE_CORE"):
        return Path(file)
    if shutil.which("npm") is None:
        return None
    done = subprocess.run(
        ["npm", "root", "--global"], capture_output=True, text=True, timeout=30, check=False
    )
    file = Path(done.stdout.strip(), "axe-core", "axe.min.js")
    return file if file.is_file() else None


def can_check():
    """Whether both are installed."""
    return CHROMIUM is not None and axe_core() is not None


def violations(page, folder, *, width=1280, dark=False):
    """Return one line for each element that breaks a rule, and one if the page has to be scrolled sideways.

    Args:
        page: the HTML of a page without scripts.
        folder: for the browser's files.
        width: of the window, in pixels.
        dark: whether the visitor prefers dark pages.
    """
    file = folder / "page.html"
    file.write_text(page + RUN.format(axe=axe_core().read_text("utf-8")), "utf-8")
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", *scheme]
    command += [
        f"--user-data-dir={folder}/profile",
        f"--window-size={width},900",
        "--virtual-time-budget=10000",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    (found,) = re.findall(r'<pre id="axe">(.*?)</pre>', done.stdout, re.DOTALL)
    *lines, last = html.unescape(found).strip().splitlines()
    assert last == "checked"
    return lines
