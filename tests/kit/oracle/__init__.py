"""An oracle: which alerts a list of account events must raise, in the plainest Python there is.

Single-threaded, written from the public definitions alone; it shares nothing with the services.
Every rule is asked after every event that could matter to it, and looks at all that is known of the
account. What a service forgets is modelled where the definitions say so (what was said, after 60
calendar days); beyond that an oracle's log must stay inside these limits: nothing speaks of a
trading day more than 10 calendar days before the account's last settled one, and every date that
matters is at least 20 trading days away from the ends of the calendar; an order is told of within
days. What is 60 days old is forgotten at the next saying of any rule: two rules that speak of one
event may find it forgotten or not, so a log that is compared alert by alert avoids such gaps.
"""
