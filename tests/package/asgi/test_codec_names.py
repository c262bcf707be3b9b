"""Character sets that clients make up."""

import codecs
import encodings

import pytest
from upstreams.asgi.codec_names import bound_codec_names


@pytest.fixture(autouse=True)
def stock(monkeypatch):
    monkeypatch.setattr(encodings, "_cache", {})
    bound_codec_names()


@pytest.mark.parametrize("kind", ["text/plain; charset=made-up-{}", "text/plain; a*=made-up-{}'en'%41"])
async def test_they_are_not_kept(aclient, kind):
    for number in range(5):
        await aclient.get("/", headers={"Content-Type": kind.format(number)})
    assert [name for name in encodings._cache if "made" in name] == []


async def test_those_that_exist_are():
    assert codecs.lookup("cp037").name == "cp037"
    assert "cp037" in encodings._cache


async def test_a_content_type_that_cannot_be_parsed_is_a_400(aclient, caplog):
    response = await aclient.get("/", headers={"Content-Type": "text/plain; a*=made-up'en'%41"})
    assert (response.status_code, response.json()["detail"]) == (400, "Invalid Content-Type header.")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
