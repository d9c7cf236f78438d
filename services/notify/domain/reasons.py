"""缘由 — every named reason, in words. One without a line here is a defect: a test says so."""

from collections.abc import Mapping
from typing import NamedTuple


class Sentence(NamedTuple):
    """One reason as a person reads it."""

    chinese: str
    english: str

    def __str__(self) -> str:
        return f"{self.chinese} | {self.english}"


def _table(lines: str) -> Mapping[str, Sentence]:
    rows = ([part.strip() for part in line.split("|")] for line in lines.strip().splitlines())
    return {name: Sentence(chinese, english) for name, chinese, english in rows}


REASONS = _table("""
manager              | 收件人是客户的经理 | the client's manager
successor            | 经理已离职，告知接任者 | the manager has left: told to the successor
preferred-otherwise  | 收件人更愿意用别的通道 | the receiver prefers another channel
has-heard            | 先前听过这条提醒的人 | who has heard this alert before
addressee            | 交给收件人本人办的事 | it is the receiver's own matter
unknown-addressee    | 要办的人不在人员名录里 | whose matter it is, is not in the directory
no-client            | 不属于任何客户，归风控岗 | no client's matter: the risk desk's
no-relation          | 账户的客户关系未知 | the account's client is not known
no-manager           | 客户没有经理 | the client has no manager
nobody               | 没有这样的人 | there is no such person
team-lead            | 组长 | the team lead
branch-head          | 营业部负责人 | the branch head
risk                 | 风控岗 | the risk desk
on-call              | 值班 | who is on call
canary               | 每天的自检 | the daily canary
unknown-canary       | 自检的收件人不在人员名录里 | the canary's receiver is not in the directory
unknown-manager      | 经理不在人员名录里 | the manager is not in the directory
desk-too             | 风控岗同时听到 | the risk desk hears it, too
unreachable          | 收件人没有可用的通道 | no channel reaches the receiver
nobody-reachable     | 谁也联系不上 | nobody can be reached
nobody-reached       | 前面的人都没收到，改告风控岗 | none of them got it: the risk desk is told
rejected-elsewhere   | 另一通道被拒，换通道再告 | rejected by another channel: told by this one
late-elsewhere       | 另一通道久发不出，换通道再告 | another channel is down: told by this one
undeliverable        | 所有途径都失败，无法送达 | every way failed: it cannot be delivered
handed-over          | 有人把它转交给收件人 | somebody handed it over to the receiver
no-wecom-id          | 名录里没有企业微信账号 | no WeCom user id in the directory
no-mobile            | 名录里没有手机号 | no mobile number in the directory
no-mail              | 名录里没有邮箱 | no mail address in the directory
no-robot             | 这个角色没有群 | the role has no chat group
no-person            | 收件的是一个组，没有这个通道 | a team is not reached by it
corrected            | 卡片上写明已更正 | the card says that it was corrected
answered-elsewhere   | 别处答复了，卡片写明 | answered elsewhere: the card shows it
answer-shown         | 卡片上写明已答复 | the card shows what was answered
not-taken            | 应用的服务器不收 | the app's server did not take it
replaced             | 更正已送到，撤下旧的消息 | corrected: the old message is taken down
taken-back           | 撤回或更新已发的消息 | a message that was sent is taken back
sensitive-word       | 含敏感词，改用平实措辞 | a word operators stop: in plain words
not-configured       | 这个通道没有设置 | the channel has no settings
rehearsal            | 交易所测试，不告知 | an exchange's test: nobody is told
confirmed-by-settlement | 结算与盘中所告一致，不再说 | the settlement agrees with what was told
superseded           | 后来的版本说得更准 | a later revision says it better
withdrawn-before-told | 告知之前已撤回 | withdrawn before anybody was told
never-told           | 没有告知过，撤回也不必说 | nobody was told, so no withdrawal is
lower-revision       | 已有更高的版本 | a higher revision is known already
repeated             | 同一事件重复到达 | the same event arrived again
not-before           | 提醒自己写明此刻之前不说 | the alert says not to be told before then
quiet-hours          | 免打扰时段 | quiet hours
clock-not-started    | 业务时钟还没开始走 | the business clock has not begun
behind-earlier-revision | 等前一版本先告知 | waits for an earlier revision
silenced             | 被静音 | silenced
inhibited            | 同一账户更重的提醒已告知 | a graver alert of the account was told already
repeat-interval      | 同一规则刚告知过，没有更重 | told a moment ago, and no graver now
same-client          | 与同一客户的其他提醒合为一条 | in one message with others of its client
snooze-over          | 稍后的时间到了，再提醒一次 | the snooze is over: told once more
budget               | 超出收件人的发送额度 | above the receiver's budget
ok                   | 网关已接收 | the gateway took it
lease-expired        | 发送途中进程没了，不知是否已到 | its worker died amid it: it may have arrived
window-over          | 隔得太久，再发网关认不出 | too late to repeat: it might tell twice
no-time-left         | 租约将尽，没有发出 | the lease would have ended: nothing was sent
host-not-allowed     | 地址不在允许之列 | the address is not an allowed one
invaliduser          | 企业微信：收件人无效 | WeCom: the receiver is not valid
unlicenseduser       | 企业微信：收件人没有许可 | WeCom: the receiver has no licence
ConnectError         | 连不上网关，没有发出 | no connection: nothing was sent
SMTPConnectError     | 连不上邮件服务器 | the mail server cannot be reached
SMTPConnectTimeoutError | 连邮件服务器超时 | no connection to the mail server in time
SMTPServerDisconnected | 邮件服务器断开了 | the mail server hung up
SMTPReadTimeoutError | 邮件服务器没有答 | the mail server did not answer in time
SMTPTimeoutError     | 邮件服务器超时 | the mail server took too long
ConnectTimeout       | 连接网关超时，没有发出 | no connection in time: nothing was sent
PoolTimeout          | 没有空闲连接，没有发出 | no free connection: nothing was sent
ProxyError           | 代理拒绝，没有发出 | the proxy refused: nothing was sent
UnsupportedProtocol  | 地址的协议不对，没有发出 | an unknown protocol: nothing was sent
ReadTimeout          | 等回答超时，可能已到 | no answer in time: it may have arrived
WriteTimeout         | 发送超时，可能已到 | sending took too long: it may have arrived
TimeoutError         | 整个过程超时，可能已到 | the exchange took too long: it may have arrived
ReadError            | 读回答时断线，可能已到 | broken off before the answer: it may have arrived
WriteError           | 发送时断线，可能已到 | broken off while sending: it may have arrived
CloseError           | 关闭连接时出错，可能已到 | an error while closing: it may have arrived
LocalProtocolError   | 请求不合协议 | the request breaks the protocol
RemoteProtocolError  | 网关未答完就断开，可能已到 | broken off by the gateway: it may have arrived
DecodingError        | 回答解不开，可能已到 | the answer cannot be decoded: it may have arrived
TooManyRedirects     | 网关转了太多次 | too many redirects
InvalidURL           | 地址写错了 | the address is wrong
""")

FAMILIES = _table("""
gave-up-       | 太久没有成功，不再发：{} | given up after too long: {}
unsure-        | 可能已到，再发会重复：{} | it may have arrived, once more might tell twice: {}
preferred-     | 按收件人的偏好：{} | as the receiver prefers: {}
desk-          | 改告风控岗：{} | told to the risk desk: {}
snooze-over-   | 稍后的时间到了：{} | the snooze is over: {}
escalated-     | 无人应答，逐级上报：{} | nobody answered, told higher up: {}
passed-over-   | 过了点才走到，走了更高一级，不再告知：{} | overdue, a higher one was taken: {}
manager-       | 客户经理，{} | the manager, {}
team-lead-     | 组长，{} | the team lead, {}
branch-head-   | 营业部负责人，{} | the branch head, {}
risk-          | 风控岗，{} | the risk desk, {}
on-call-       | 值班，{} | who is on call, {}
token-errcode- | 企业微信不给令牌，错误码 {} | WeCom gave no token, error code {}
token-http-    | 取令牌得到 HTTP {} | HTTP {} in place of a token
token-         | 取不到令牌：{} | no token: {}
errcode-       | 网关错误码 {} | the gateway's errcode {}
code-          | 网关返回 {} | the gateway's code {}
smtp-          | 邮件服务器答 {} | the mail server answered {}
receipt-       | 运营商回执 {} | the operator's receipt {}
http-          | 网关回 HTTP {} | the gateway answered HTTP {}
""")
"""The beginning of a reason whose rest is another reason, or a code of the gateway's."""


def sentence(reason: str) -> Sentence | None:
    """Return a reason in words; None when it is not known.

    >>> str(sentence("desk-no-manager"))
    '改告风控岗：客户没有经理 | told to the risk desk: the client has no manager'
    """
    if reason in REASONS:
        return REASONS[reason]
    for beginning, line in FAMILIES.items():
        rest = reason.removeprefix(beginning)
        if rest and rest != reason:
            said = sentence(rest) or Sentence(rest, rest)
            return Sentence(line.chinese.format(said.chinese), line.english.format(said.english))
    return None


def in_words(reason: str) -> str:
    """Return a reason in words, or as it is named when there are none."""
    return str(sentence(reason) or reason)
