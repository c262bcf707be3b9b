"""Images are pinned by their digests, all or none."""

import pytest
from upstreams.management import pin_images

DIGEST = "sha256:" + "a" * 64
DOCKERFILE = f"""# syntax=docker/dockerfile:1
FROM ghcr.io/astral-sh/uv:0.13 AS uv
FROM python:3.13-slim AS base
FROM debian:13@{DIGEST}
FROM base
COPY --from=uv /uv /opt/uv
"""
COMPOSE = """services:
  web:
    image: "quotes"
  database:
    image: postgres:18-trixie # as in CI
"""


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A `docker` that knows the digest of every image, except of those that are not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    script = '#!/bin/sh\n[ "$4" != missing:1 ] || { echo "missing:1: not found" >&2; exit 1; }\n'
    (tmp_path / "docker").write_text(f'{script}echo "Name:   $4"\necho "Digest: {DIGEST}"\n')
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def test_tags_get_their_digests_and_the_rest_stays(docker):
    pin_images.main(["Dockerfile", "compose.yaml"])
    expected = DOCKERFILE
    for image in ("docker/dockerfile:1", "ghcr.io/astral-sh/uv:0.13", "python:3.13-slim"):
        expected = expected.replace(image, f"{image}@{DIGEST}")
    assert (docker / "Dockerfile").read_text() == expected
    pinned = COMPOSE.replace("18-trixie", f"18-trixie@{DIGEST}")
    assert (docker / "compose.yaml").read_text() == pinned
    pin_images.main(["Dockerfile", "compose.yaml"])
    assert (docker / "Dockerfile").read_text() == expected


def test_an_image_that_is_not_there_is_named_and_nothing_is_written(docker):
    (docker / "compose.yaml").write_text("    image: missing:1\n")
    with pytest.raises(SystemExit, match=r"^pin: no digest of missing:1: missing:1: not found$"):
        pin_images.main(["Dockerfile", "compose.yaml"])
    assert (docker / "Dockerfile").read_text() == DOCKERFILE


def test_without_docker_one_line_says_what_to_install(docker):
    (docker / "docker").unlink()
    with pytest.raises(SystemExit, match=r"^pin: install docker"):
        pin_images.main(["Dockerfile"])
