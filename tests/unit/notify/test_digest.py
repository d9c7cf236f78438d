import json
from uuid import UUID

from pydantic import SecretStr

from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.digest import DIGESTS, Digest, Group, Item, digest_id, line, summarise
from services.notify.domain.links import Signer
from tests.kit.alerts import MANAGER, raised, withdrawn

SIGNER = Signer("https://console.example", SecretStr("k" * 16))
ITEMS = [
    Item(UUID(int=1), raised(), "张**"),
    Item(UUID(int=2), withdrawn(), "张**"),
    Item(UUID(int=3), raised(account="80099999", message_type="追保提醒"), None),
]


def test_the_same_items_are_the_same_digest_in_any_order() -> None:
    assert digest_id(ITEMS) == digest_id(ITEMS[::-1]) != digest_id(ITEMS[:2])


def test_a_line_names_kind_and_client_and_never_the_whole_account() -> None:
    assert [line(item) for item in ITEMS] == [
        "大额出金 张**尾号345",
        "大额出金（撤回） 张**尾号345",
        "追保提醒 未知客户尾号999",
    ]


def test_it_says_how_many_of_what_and_links_to_all_of_it() -> None:
    said = summarise(DIGESTS, ITEMS, MANAGER, SIGNER.digest(str(DIGESTS), "m001"))
    assert (said.title, said.mark, said.client, said.account) == (
        "3条提醒",
        "（摘要）",
        "2个账户",
        "",
    )
    assert said.facts == (("大额出金", "2条"), ("追保提醒", "1条"))
    channel = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
    card = json.loads(channel.body(said))["template_card"]
    assert card["main_title"]["title"] == "3条提醒（摘要）"
    assert [jump["title"] for jump in card["jump_list"]] == ["查看全部"]
    assert f"/digests/{DIGESTS}?to=m001&sig=" in card["card_action"]["url"]


def test_its_lane_is_its_receivers() -> None:
    assert Digest(DIGESTS, Group("demo", "wecom_app", "m001"), ITEMS, "").lane == "@m001"
