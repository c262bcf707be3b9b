"""A server that adds a prefix to each path, as uvicorn does with `--root-path`: what is handled before Django is found."""

import pytest
from upstreams.asgi.application import get_asgi_application
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan


@pytest.mark.parametrize("root", ["", "/api"])
async def test_what_is_handled_before_django_is_below_the_root(settings, tmp_path, upstreams, root):
    (tmp_path / "site.css").write_text("a {}")
    settings.STATIC_ROOT, settings.STATIC_URL, settings.UPSTREAMS_METRICS_TOKEN = (
        tmp_path,
        "static/",
        "a" * 16,
    )
    application = get_asgi_application()
    transport = httpx.ASGITransport(app=application, root_path=root)
    async with (
        run_lifespan(application),
        httpx.AsyncClient(transport=transport, base_url=f"http://testserver{root}") as client,
    ):
        token = {"Authorization": "Bearer " + "a" * 16}
        statuses = [
            (await client.get(path, headers=token)).status_code
            for path in ("/livez", "/metrics", "/static/site.css", "/nothing")
        ]
    assert statuses == [200, 200, 200, 404]
