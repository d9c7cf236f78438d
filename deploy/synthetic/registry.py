"""监控中心资料文件 — the writer of ``customer``, ``cuscode`` and ``cusaccount``.

Nobody in them exists: 证件号码 begin with 000000, which is no place, the phones with 169, which no
operator has handed out, and the addresses lie in 虚构市.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from deploy.synthetic.population import Client

COMPANY = "一般法人"
NO_PLACE, NO_OPERATOR = "000000", "169"
BANK, CARD_PREFIX = "ABC", "6225880"
EXCHANGES = "SD"
_NOTHING = ("",) * 11


def customer(day: date, clients: Iterable[Client]) -> Iterator[str]:
    """Write 客户基本资料: twenty-eight columns; a company has a licence instead of an id card."""
    for client in _open(day, clients):
        number = _number(client)
        company = client.customer_type == COMPANY
        cells = (
            f"{day}",
            client.customer_name,
            "" if company else f"{NO_PLACE}{number:012d}",
            client.account,
            "虚构市",
            f"虚构市样例路{number}号",
            "000000",
            f"{NO_OPERATOR}{number:08d}",
            "开户",
            "N",
            client.customer_type,
            client.opened_on.isoformat(),
            "",
            f"{NO_PLACE}{number:012d}" if company else "",
            "",
            "",
            "N",
            *_NOTHING,
        )
        yield "@".join(cells)


def cuscode(day: date, clients: Iterable[Client]) -> Iterator[str]:
    """Write 交易编码: one at each of two exchanges."""
    for client in _open(day, clients):
        for exchange in EXCHANGES:
            yield f"{day}@{client.account}@{exchange}@0{client.account[-7:]}"


def cusaccount(day: date, clients: Iterable[Client]) -> Iterator[str]:
    """Write 客户结算账户: one card an account, the one that ``fundchg`` names."""
    for client in _open(day, clients):
        card = f"{CARD_PREFIX}{client.account}"
        yield f"{day}@{client.account}@{BANK}@{card}@A@{client.customer_name}@虚构银行@CNY@1"


def _open(day: date, clients: Iterable[Client]) -> Iterator[Client]:
    return (client for client in clients if client.opened_on <= day)


def _number(client: Client) -> int:
    """Return the number of the person: of all accounts of one client the same."""
    return int(client.customer_id.removeprefix("C"))
