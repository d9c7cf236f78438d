"""Lines of the CFMMC files about accounts and persons; every person is made up."""

from datetime import date

from tests.kit.ingest import DAY

CUSTOMERS, CODES, BANKS = (
    f"0137{kind}20260601.txt" for kind in ("customer", "cuscode", "cusaccount")
)
ID_CARD, PHONE, ADDRESS, CARD = (
    "110101190001010011",
    "16900000001",
    "虚构市样例路1号",
    "6222000000001234",
)


def customer(account: str, day: date = DAY, **columns: str) -> str:
    """Return a line of ``customer``: 28 columns."""
    cells = {
        "date": str(day),
        "name": "张小明",
        "id_card": ID_CARD,
        "account_id": account,
        "city": "虚构市",
        "address": ADDRESS,
        "post_code": "000000",
        "phone": PHONE,
        "status": "开户",
        "member": "N",
        "customer_type": "自然人",
        "opening_date": "2019-03-01",
        "organization_code": "",
        "business_license_number": "",
        "authorized_signer": "",
        "id_card_of_signer": "",
        "is_dormant": "N",
    }
    return "@".join([*(cells | columns).values(), *[""] * 11])


def cuscode(account: str, exchange: str = "S", code: str = "00812345") -> str:
    """Return a line of ``cuscode``."""
    return f"{DAY}@{account}@{exchange}@{code}"


def cusaccount(account: str, flag: str = "A", card: str = CARD, **columns: str) -> str:
    """Return a line of ``cusaccount``: 9 columns."""
    cells = {
        "date": str(DAY),
        "account": account,
        "bank": "ICBC",
        "card": card,
        "flag": flag,
        "name": "张小明",
        "bank_name": "虚构银行",
        "currency": "CNY",
        "class": "1",
    }
    return "@".join((cells | columns).values())
