"""Who works at the broker and what its clients are called; all of it made up."""

from dataclasses import dataclass

from deploy.synthetic.chance import chance

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "安柏晨承初春达恩帆方菲冠光海涵和恒华嘉建江捷锦静君凯岚乐黎林明宁鹏清然瑞尚思涛文晓欣雅一"
COMPANIES = ("远帆", "澄江", "海岳", "金穗", "北辰", "同舟")
CLIENTS_PER_MANAGER = 250
MANAGERS_AT_LEAST = 8


@dataclass(frozen=True)
class Person:
    """员工. The mobiles begin with 169, a prefix that no operator has handed out."""

    staff_id: str
    name: str
    role: str
    branch_id: str = ""
    leader_id: str = ""

    @property
    def wecom_userid(self) -> str:
        return f"gc-{self.staff_id}"

    @property
    def mobile(self) -> str:
        desk = {"manager": 1, "branch-head": 2, "risk": 3}[self.role]
        return f"1690{desk:03d}{int(self.staff_id[1:]):04d}"


RISK_DESK = Person("r001", "风控值班", "risk")


def name(seed: int, number: int) -> str:
    """Return a person's name of three characters.

    >>> len(name(7, 1))
    3
    """
    bits = chance(seed, 11, number)
    return (
        SURNAMES[bits % len(SURNAMES)]
        + GIVEN[(bits >> 16) % len(GIVEN)]
        + GIVEN[(bits >> 32) % len(GIVEN)]
    )


def company(seed: int, number: int) -> str:
    """Return a company's name."""
    bits = chance(seed, 12, number)
    return f"{COMPANIES[bits % len(COMPANIES)]}{GIVEN[(bits >> 20) % len(GIVEN)]}商贸有限公司"


def managers(seed: int, accounts: int) -> tuple[Person, ...]:
    """Return the managers that so many accounts need, four to a branch."""
    count = max(MANAGERS_AT_LEAST, -(-accounts // CLIENTS_PER_MANAGER))
    return tuple(
        Person(
            f"m{n:03d}",
            name(seed, 900_000_000 + n),
            "manager",
            f"b{1 + (n - 1) // 4:03d}",
            f"h{1 + (n - 1) // 4:03d}",
        )
        for n in range(1, count + 1)
    )


def heads(seed: int, accounts: int) -> tuple[Person, ...]:
    """Return a head for every branch."""
    branches = sorted({manager.branch_id for manager in managers(seed, accounts)})
    return tuple(
        Person(f"h{branch[1:]}", name(seed, 800_000_000 + int(branch[1:])), "branch-head", branch)
        for branch in branches
    )
