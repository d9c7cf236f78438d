"""境况 — how old the made-up clients are and what they live on: what return visits ask about.

Two accounts of one client say the same; a company has no birthday.
"""

from datetime import date, timedelta

from deploy.synthetic.chance import chance

_FIRST, _DAYS = date(1946, 1, 1), 21_500
_OCCUPATIONS = ("企业职员", "个体经营", "教师", "工程师", "医务人员", "自由职业", "退休", "无业")
_INCOMES = ("工资薪金", "生产经营", "投资收益", "工资薪金", "生产经营", "依靠积蓄", "社会保障")


def situation(customer_id: str, customer_type: str) -> tuple[str, str, str]:
    """Return birthday, occupation and income source as a file has them.

    >>> situation("C70000001", "自然人") == situation("C70000001", "自然人")
    True
    >>> situation("C70000001", "一般法人")
    ('', '', '')
    """
    if customer_type != "自然人":
        return "", "", ""
    bits = chance(21, int.from_bytes(customer_id.encode()))
    born = _FIRST + timedelta(days=bits % _DAYS)
    occupation = _OCCUPATIONS[(bits >> 24) % len(_OCCUPATIONS)]
    return born.isoformat(), occupation, _INCOMES[(bits >> 40) % len(_INCOMES)]
