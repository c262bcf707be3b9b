"""Renders an overlay as `kubectl kustomize` does, as far as deploy/ goes; what it does not know it refuses."""

import re

import yaml

KNOWN = {"apiVersion", "kind", "resources", "namespace", "images", "configMapGenerator", "patches"}
# What tells the entries of a list apart, where patches merge them.
MERGE_KEYS = {
    **dict.fromkeys(("containers", "initContainers", "volumes", "env", "imagePullSecrets"), "name"),
    "ports": "containerPort",
    "topologySpreadConstraints": "topologyKey",
    "volumeMounts": "mountPath",
}


def rendered(folder):
    """The objects of a folder with a kustomization."""
    about = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(about) <= KNOWN, f"tests/kustomize.py does not know {set(about) - KNOWN}"
    objects = [one for name in about["resources"] for one in resources(folder / name)]
    for config in about.get("configMapGenerator", []):
        generate(objects, folder, config)
    for patch in about.get("patches", []):
        apply(objects, folder, patch)
    for one in objects:
        place(one, about.get("namespace"), about.get("images", []))
    return objects


def resources(path):
    return rendered(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))


def generate(objects, folder, config):
    lines = [line for file in config.get("envs", []) for line in (folder / file).read_text().splitlines()]
    pairs = [line for line in lines if line and not line.startswith("#")] + config.get("literals", [])
    data = dict(pair.split("=", 1) for pair in pairs)
    if config.get("behavior") == "merge":
        (before,) = (one for one in objects if one["kind"] == "ConfigMap")
        before["data"] |= data
    else:
        objects.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": config["name"]}, "data": data}
        )


def apply(objects, folder, patch):
    change = yaml.safe_load(patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text())
    target = patch.get("target") or {"kind": change["kind"], "name": change["metadata"]["name"]}
    for one in objects:
        if not re.fullmatch(target["kind"], one["kind"]):
            continue
        if target.get("name", one["metadata"]["name"]) != one["metadata"]["name"]:
            continue
        if isinstance(change, dict):
            merge(one, {key: change[key] for key in change if key not in ("apiVersion", "kind", "metadata")})
        else:
            for step in change:
                take(one, step)


def merge(into, change):
    for key, value in change.items():
        before = into.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            merge(before, value)
        elif key in MERGE_KEYS and before:
            into[key] = merged(before, value, MERGE_KEYS[key])
        else:
            into[key] = value


def merged(before, change, key):
    """The entries of the patch come first, as kustomize has them."""
    rest = {each[key]: each for each in before}
    first = [rest.pop(each[key], {}) for each in change]
    for each, new in zip(first, change, strict=True):
        merge(each, new)
    return first + list(rest.values())


def take(one, step):
    """A step of RFC 6902."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
    for name in parents:
        one = one[int(name) if isinstance(one, list) else name]
    if isinstance(one, list):
        last = len(one) if last == "-" else int(last)
    match step["op"]:
        case "add" if isinstance(one, list):
            one.insert(last, step["value"])
        case "add":
            one[last] = step["value"]
        case "replace":
            _ = one[last]  # raises, as kustomize does
            one[last] = step["value"]
        case "remove":
            del one[last]
        case unknown:
            raise AssertionError(f"tests/kustomize.py does not know {unknown}")


def place(one, namespace, images):
    if namespace:
        one["metadata"]["name" if one["kind"] == "Namespace" else "namespace"] = namespace
    for container in pod(one).get("containers", []) + pod(one).get("initContainers", []):
        for image in images:
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}@{image['digest']}"


def pod(one):
    """What the pods of an object are made of; nothing for one without."""
    return one.get("spec", {}).get("template", {}).get("spec", {})


def service(one):
    """The container of this service in the pods of an object, whatever else a team puts into them."""
    (container,) = (each for each in pod(one)["containers"] if each["name"] == "service")
    return container
