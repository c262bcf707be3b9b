"""Which addresses are public."""

import pytest
from upstreams.core.definition import parse
from upstreams.transport.addresses import AllowedAddresses

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",  # Azure's
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",  # Oracle's
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4
    "2002:808:808::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",  # AWS'
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def selected(addresses, networks=()):
    found = [(0, 1, 6, "", (one, 443)) for one in addresses]
    return [one[4][0] for one in AllowedAddresses(networks).select(found)]


def test_only_public_addresses_are_selected():
    assert selected(PRIVATE) == []
    assert selected(PUBLIC) == PUBLIC
    assert selected([*PRIVATE, *PUBLIC]) == PUBLIC
    assert selected(["fe80::1%lo"]) == []


def test_the_settings_may_allow_networks():
    assert selected(["10.1.2.3", "10.2.2.3", "::ffff:10.1.0.1"], ["10.1.0.0/16"]) == [
        "10.1.2.3",
        "::ffff:10.1.0.1",
    ]
    assert selected(["fd00::1", "::1", "8.8.8.8"], ["fd00::/8"]) == ["fd00::1", "8.8.8.8"]
    assert selected(PRIVATE, ["*"]) == PRIVATE


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("10.1.0.0/33", "write networks such as 10.1.0.0/16, or *; not 10.1.0.0/33"),
        (["a.test"], "write networks such as 10.1.0.0/16, or *; not a.test"),
        (7, "expected a list of names, or text with commas"),
    ],
)
def test_networks_that_are_none_are_refused_in_one_sentence(value, sentence):
    _, problems = parse({"a": {"BASE_URL": "https://a.test", "TENANT_NETWORKS": value}})
    assert len(problems) == 1
    assert problems[0].startswith(f'UPSTREAMS["a"]["TENANT_NETWORKS"]: {sentence}')
