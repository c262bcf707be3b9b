"""The SDKs of vendors, as the pages of the documentation write them, against a server that speaks as they do."""

import asyncio
import re
import types

import anthropic
import httpx
import httpx2
import openai
import pytest
import stripe
from asgiref.sync import sync_to_async
from testproject.paths import PACKAGE
from upstreams import UpstreamTimeout, UpstreamTransport
from upstreams.testing.lifespan import run_lifespan

from sdks.vendors import OBJECT, WORDS

PAGES = [PACKAGE / "docs" / "sdks.md", PACKAGE / "docs" / "stripe_and_aws.md"]
ALIASES = ("openai", "anthropic", "stripe", "s3")
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "STRIPE_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ANSWER = "".join(WORDS)


@pytest.fixture
def keys():
    """The keys of each upstream besides its address, which a test may change before it asks for `recipes`."""
    return {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001}


@pytest.fixture
def recipes(vendors, define, monkeypatch, keys):
    """The modules of the pages."""
    for name in KEYS:
        monkeypatch.setenv(name, "secret")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    define(**{alias: {"BASE_URL": vendors.url, **keys} for alias in ALIASES})
    text = "".join(page.read_text() for page in PAGES)
    found = types.SimpleNamespace()
    for name, code in re.findall(r"```python\n# mysite/(\w+)\.py\n(.*?)```", text, re.DOTALL):
        module = types.ModuleType(name)
        exec(compile(code, f"recipe: {name}", "exec"), vars(module))
        setattr(found, name, module)
    return found


async def all_of(chunks):
    return [chunk async for chunk in chunks]


@pytest.fixture
async def service(recipes, loopback, asgi_application):
    """The started service."""
    async with run_lifespan(asgi_application):
        yield


@pytest.mark.usefixtures("service")
async def test_openai(recipes):
    assert (await recipes.chat.answer(None)).content == ANSWER.encode()
    assert (await sync_to_async(recipes.chat.answer_sync)(None)).content == ANSWER.encode()
    assert await all_of(recipes.chat.words()) == WORDS


@pytest.mark.usefixtures("service")
async def test_anthropic(recipes):
    assert await recipes.messages.answer() == ANSWER
    create = recipes.messages.sync_client.messages.create
    message = await sync_to_async(create)(**recipes.messages.question("a"))
    assert message.content[0].text == ANSWER
    assert await all_of(recipes.messages.words()) == WORDS


@pytest.mark.usefixtures("service")
async def test_stripe(recipes):
    assert (await recipes.payments.aregister("ada@example.com")).email == "ada@example.com"
    customer = await sync_to_async(recipes.payments.register)("ada@example.com")
    assert customer.email == "ada@example.com"


@pytest.mark.usefixtures("service")
async def test_aws(recipes, vendors):
    assert await recipes.storage.july() == OBJECT
    async with recipes.storage.s3() as client:
        await client.put_object(Bucket="reports", Key="a/../july.txt", Body=OBJECT)
        listed = await client.list_objects_v2(Bucket="reports")
    assert OBJECT in vendors.stored
    assert listed["Contents"][0]["Key"] == "a/../july.txt"
    assert vendors.seen[1][:2] == ("PUT", "/reports/a/../july.txt")


def test_all_of_them_in_a_process_without_a_lifespan(recipes):
    async def all_async():
        return [
            (await recipes.chat.answer(None)).content.decode(),
            await recipes.messages.answer(),
            "".join(await all_of(recipes.chat.words())),
            "".join(await all_of(recipes.messages.words())),
        ]

    assert asyncio.run(all_async()) == [ANSWER] * 4
    assert asyncio.run(all_async()) == [ANSWER] * 4  # the same clients, in another loop
    assert recipes.chat.answer_sync(None).content == ANSWER.encode()
    assert asyncio.run(recipes.storage.july()) == OBJECT


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("sdk", ["chat", "messages"])
async def test_a_token_arrives_before_the_next_one_was_sent(recipes, vendors, sdk):
    vendors.may_go_on.clear()
    words = getattr(recipes, sdk).words()
    assert await anext(words) == WORDS[0]
    vendors.may_go_on.set()
    assert await all_of(words) == WORDS[1:]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("ask", ["chat.answer", "messages.answer", "payments.aregister"])
async def test_a_post_that_was_refused_for_now_is_sent_again_with_the_same_key(recipes, vendors, ask):
    module, name = ask.split(".")
    vendors.statuses[:] = [429, 503]
    await getattr(getattr(recipes, module), name)(
        *{"answer": [None], "aregister": ["a"]}[name][: module != "messages"]
    )
    keys = {headers["Idempotency-Key"] for _, _, headers in vendors.seen}
    assert (len(vendors.seen), len(keys)) == (3, 1)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("module", ["chat", "messages"])
async def test_the_sdk_itself_does_not_retry(recipes, vendors, module):
    vendors.statuses[:] = [500] * 9
    error = {"chat": openai.InternalServerError, "messages": anthropic.InternalServerError}[module]
    with pytest.raises(error):
        await getattr(recipes, module).answer(*[None] * (module == "chat"))
    assert len(vendors.seen) == 1  # a 500 is not retried by the policies


@pytest.mark.usefixtures("service")
async def test_a_timeout_is_the_one_of_the_sdk(recipes, vendors):
    vendors.may_go_on.clear()
    client = recipes.chat.client.with_options(timeout=0.1)
    with pytest.raises(openai.APITimeoutError) as caught:
        await client.chat.completions.create(**recipes.chat.question("slow"))
    assert isinstance(caught.value.__cause__, httpx2.ReadTimeout)
    assert isinstance(caught.value.__cause__.__cause__, UpstreamTimeout)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("library", [httpx2, httpx])
async def test_openai_with_a_client_of_either_library(recipes, vendors, library):
    transport = UpstreamTransport("openai")
    async with openai.AsyncOpenAI(
        http_client=library.AsyncClient(transport=transport), base_url=vendors.url, max_retries=0
    ) as client:
        stream = await client.chat.completions.create(**recipes.chat.question("a"), stream=True)
        assert [event.choices[0].delta.content async for event in stream] == WORDS


@pytest.mark.usefixtures("service")
async def test_stripe_reports_a_failure_as_its_own(recipes, vendors):
    vendors.shutdown()
    vendors.server_close()
    with pytest.raises(
        stripe.APIConnectionError, match=r"upstream stripe: POST v1/customers: .*refuses"
    ) as caught:
        await recipes.payments.aregister("a")
    assert isinstance(caught.value.__cause__, httpx2.ConnectError)
