"""Refuses an answer the project could not carry: one line says which, and what to write instead."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Any

ROOM = 10  # megabytes; where they run out, cookiecutter leaves half a project
LONGEST = {"project_name": 100, "description": 300, "author": 100}
SLUG = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
TEMPLATE = re.compile(r"\{[%#\{]")
NO_TEMPLATE = "contains a brace followed by another brace, % or #: put a space between the two"
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters, marks and a symbol, and nothing to see
JOINERS = "\u200c\u200d"  # invisible, but part of words and of emoji

FOLDERS = "api config cookiecutter deploy scripts services tests upstreams users vendor"
# uv refuses a project that needs itself, directly or through another package.
PACKAGES = """
aiohappyeyeballs aiohttp aiosignal amqp annotated-types anyio anysqlite asgiref ast-serialize attrs
backports-zstd billiard brotli celery celery-types certifi charset-normalizer click click-didyoumean
click-plugins click-repl colorama coverage django django-axes django-debug-toolbar django-ninja
django-stubs django-stubs-ext django-tasks-db django-upstreams execnet frozenlist
googleapis-common-protos graphql-core grimp h11 h2 harfile hishel hpack httpcore httpcore2 httptools
httpx httpx2 httpx2-jsfetch hyperframe hypothesis hypothesis-graphql idna import-linter iniconfig
jsonschema-rs kombu librt markdown-it-py markupsafe mdurl msgpack msgspec multidict mypy mypy-extensions
opentelemetry-api opentelemetry-exporter-http-transport opentelemetry-exporter-otlp-common
opentelemetry-exporter-otlp-proto-common opentelemetry-exporter-otlp-proto-http opentelemetry-proto
opentelemetry-sdk opentelemetry-semantic-conventions packaging pathspec pluggy prometheus-client
prompt-toolkit propcache protobuf psycopg psycopg-binary psycopg-pool pydantic pydantic-core pygments
pyrate-limiter pytest pytest-asyncio pytest-cov pytest-django pytest-xdist python-dateutil python-dotenv
pyyaml redis requests rich ruff schemathesis sentry-sdk six socksio sortedcontainers sqlparse starlette
structlog truststore types-pyyaml typing-extensions typing-inspection tzdata tzlocal urllib3 uvicorn
uvloop vine wcwidth werkzeug yarl
"""
# No folder can have these names on Windows ...
DEVICES = "aux con nul prn" + "".join(f" com{n} lpt{n}" for n in range(10))
# ... and on Kubernetes no service should move into these: the project makes a namespace of its name.
NAMESPACES = """
actions-runner-system amazon-cloudwatch arc-runners arc-systems argo argo-events argo-rollouts
argocd aws-observability calico-apiserver calico-system capi-system cattle-system cdi cert-manager
cilium cilium-secrets cnpg-system consul crossplane-system dapr-system datadog default dynatrace
elastic-system envoy-gateway-system external-dns external-secrets falco fleet-system flux
flux-system gatekeeper gatekeeper-system gitlab-agent gitlab-runner gke-connect gmp-public
gmp-system grafana harbor ingress ingress-nginx istio-ingress istio-operator istio-system jaeger
kafka karpenter keda keycloak knative-eventing knative-operator knative-serving kubernetes-dashboard
kubevirt kyverno linkerd linkerd-jaeger linkerd-viz local-path-storage logging loki longhorn
longhorn-system metallb metallb-system metrics-server mimir minio monitoring nginx-gateway
nginx-ingress observability olm opencost openebs opentelemetry-operator-system otel portworx
postgres-operator projectcontour prometheus rabbitmq-system reloader rook-ceph sealed-secrets spire
spire-system strimzi tailscale tekton-pipelines tempo thanos tigera-operator traefik trivy-system
vault velero vpa-system
"""
# Kubernetes and OpenShift reserve every name that begins like this.
RESERVED = re.compile(r"^(?:kube|openshift)[-_]")
WORDS = f"{FOLDERS} {PACKAGES} {DEVICES} {NAMESPACES}".replace("-", "_").split()
TAKEN = {*WORDS, *keyword.kwlist, *getattr(sys, "stdlib_module_names", ())}
# cookiecutter asks for one of these, but takes anything from a replay file.
CHOICES = {
    "http_client": ("httpx2", "httpx"),
    "task_queue": ("database", "celery"),
    "ci": ("github", "gitlab"),
    "api": ("plain", "ninja"),
}


def main() -> None:
    """Refuse the folder; the answers were looked at before it was made, by the module of `_extensions`."""
    # With `cookiecutter -f` the folder may be there; its files would be replaced after this.
    if any(path.name != ".git" for path in Path.cwd().iterdir()):
        sys.exit("the folder is not empty: choose another project_slug or, in a project, run `make update`")
    if shutil.disk_usage(".").free < ROOM * 1_000_000:
        sys.exit(f"the disk has less than {ROOM} MB left: choose another folder")


def complaint_about(answers: dict[str, Any], given: dict[str, Any]) -> str | None:
    """Return what is wrong with the first bad answer, or nothing.

    Args:
        answers: those that there are: after each question there is one more.
        given: what they were before cookiecutter rendered them, as it does with key=value.
    """
    # cookiecutter renders the path of each folder it makes, from the root on.
    if TEMPLATE.search(str(answers.get("_output_dir"))):
        return "the folder's path contains a brace followed by another brace, % or #: choose another folder"
    for name in filter(answers.__contains__, RULES):
        if name in LONGEST and TEMPLATE.search(str(given.get(name))):
            return f"{name} {NO_TEMPLATE}"
        for rule in RULES[name]:
            if complaint := rule(name, answers[name]):
                return f"{name} {complaint}"
    return None


def is_text(_: str, answer: object) -> str | None:
    return None if isinstance(answer, str) else "is not text: put it in quotes"


def is_no_template(_: str, answer: str) -> str | None:
    return NO_TEMPLATE if TEMPLATE.search(answer) else None


def has_a_sensible_length(name: str, answer: str) -> str | None:
    fits = 1 <= len(answer) <= LONGEST[name]
    return None if fits else f"has {len(answer)} characters: write 1 to {LONGEST[name]}"


def is_one_visible_line(_: str, answer: str) -> str | None:
    hidden = [char for char in answer if is_invisible(char) and char not in JOINERS]
    if hidden:
        return f"contains the invisible character U+{ord(hidden[0]):04X}: write one line of visible text"
    nothing = all(char in JOINERS or unicodedata.category(char)[0] == "M" for char in answer)
    return "contains nothing to see: write one line of visible text" if nothing else None


def is_invisible(char: str) -> bool:
    return unicodedata.category(char) in INVISIBLE or char in BLANK


def has_no_outer_space(_: str, answer: str) -> str | None:
    return None if answer == answer.strip() else "begins or ends with a space: write it without"


def is_a_slug(_: str, answer: str) -> str | None:
    complaint = (
        "is not a name like quotes-service: write at most 40 lower-case letters, digits and single - or _"
    )
    return None if len(answer) <= 40 and SLUG.fullmatch(answer) else complaint


def is_free(_: str, answer: str) -> str | None:
    free = RESERVED.sub("", answer)
    complaint = (
        f"is taken by Python, a package, the project, Windows or Kubernetes: write {free}-service, say"
    )
    return complaint if free != answer or answer.replace("-", "_") in TAKEN else None


def is_offered(name: str, answer: object) -> str | None:
    return None if answer in CHOICES[name] else f"is not offered: write {' or '.join(CHOICES[name])}"


TEXT = (is_text, is_no_template, has_a_sensible_length, is_one_visible_line, has_no_outer_space)
RULES = {
    **dict.fromkeys(LONGEST, TEXT),
    "project_slug": (is_text, is_a_slug, is_free),
    **dict.fromkeys(CHOICES, (is_offered,)),
}


if __name__ == "__main__":
    main()
