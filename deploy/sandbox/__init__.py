"""The gateway that stands in for 企业微信 and 阿里云短信, over their real protocols.

Theirs: ``GET /cgi-bin/gettoken``, ``POST /cgi-bin/message/send | recall | update_template_card``,
and ``POST /`` (SendSms of 阿里云 and of 腾讯云, SingleCallByTts); the robots
of 企业微信, 钉钉 and 飞书 and the signed push (`deploy.sandbox.webhooks`). Its own:

- ``GET /`` the page: what arrived on whose phone; ``?view=operator`` everything that happened
- ``GET /sandbox/journal?after=N&limit=M`` the entries after ``N`` as one JSON array
- ``GET|POST /sandbox/clock`` ``{"now": "2026-06-01T09:00:00+08:00"}`` with ``--clock posted``
- ``GET|POST|DELETE /sandbox/faults`` what it shall do wrong (`deploy.sandbox.faults`)
- ``POST /sandbox/clicks`` ``{"message": msgid, "userid": …, "key": …}`` a tap on a card's button
- ``GET|DELETE /sandbox/tokens`` the calls of gettoken; forget all tokens
- ``/livez``, ``/readyz``, ``/metrics``

Its folder holds ``journal.jsonl`` and ``tokens.jsonl``, each line on the disk before it is
answered, and ``clock``; all memory (duplicates, limits, nonces, tokens) is rebuilt from them.
Faults are not: a restarted gateway is a healthy one.
"""
