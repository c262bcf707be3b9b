"""`python -m upstreams.management.pin_images FILE…` writes the digests of container images behind their tags.

Dependabot renews a digest, and adds none where there is only a tag.
"""

import re
import shutil
import subprocess  # nosec B404
import sys
from pathlib import Path

IMAGE = re.compile(r"^(# syntax=|FROM | *image: )([\w./-]+:[\w.-]+)(?=\s|$)", re.MULTILINE)
DIGEST = re.compile(r"^Digest:\s+(sha256:[0-9a-f]{64})$", re.MULTILINE)


def main(files: list[str]) -> None:
    """Pin the images of Dockerfiles and Compose files that have a tag and no digest."""
    texts = {Path(name): Path(name).read_text() for name in files}
    images = {image for text in texts.values() for _, image in IMAGE.findall(text)}
    digests = {image: digest_of(image) for image in sorted(images)}  # before anything is written
    for file, text in texts.items():
        file.write_text(IMAGE.sub(lambda found: f"{found[0]}@{digests[found[2]]}", text))
    for image, digest in digests.items():
        print(f"{image}@{digest}")


def digest_of(image: str) -> str:
    """Return the digest of an image for all platforms, from its registry."""
    if (docker := shutil.which("docker")) is None:
        sys.exit("pin: install docker, which asks the registries for digests")
    command = [docker, "buildx", "imagetools", "inspect", image]
    # The caller's own files name the image.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # nosec B603
    if (found := DIGEST.search(done.stdout)) is None:
        sys.exit(f"pin: no digest of {image}: {done.stderr.strip() or 'docker printed none'}")
    return found[1]


if __name__ == "__main__":
    main(sys.argv[1:])
