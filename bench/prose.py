"""What the page says beside its figures."""

COMMANDS = """\
```bash
make bench NAME=mot
make bench NAME=fd
make bench NAME=ingest
make bench NAME=profile
make bench NAME=mot QUICK=1
.venv/bin/python -m bench.report .guanchao/bench/mot/result.json .guanchao/bench/ingest/result.json
```

第一条约 35 分钟，第二条约 7 分钟，别的更短；`QUICK=1` 约 6 分钟，只看一眼；\
最后一条把结果公布成这一页。机器要空闲。
The first takes about 35 minutes, the second 7, others less; `QUICK=1` about 6 and is but a look;
the last one publishes results as this page. The machine must be idle."""
METHOD = (
    "读一个事先写好的主题，每方一个进程，从第一条记录起计时，到时间用完或读完为止"
    " · each side drains the same preloaded topic in one process, timed inside it from its first"
    " record until the time is up or the topic is done",
    "各方轮流，每轮换一个开头；取中位数"
    " · sides take turns, each round begins with another; medians",
    "每一轮都核对：到它说的位置为止，发出的提醒必须正好是应有的那些（W1 连同当时的笔数与金额），"
    "能读到的账户总额全对；不对就没有数字 · each turn is judged: over the records a side says it"
    " consumed its alerts must be exactly the right ones (W1: with count and sum at that moment),"
    " and readable totals right, else it has no figure",
    "我们的数字只算检查点写完的记录 · ours counts a record once its checkpoint is written",
    "W2 的同行每条事件调用同一个纯核心；每分钟的时钟只有我们和裸循环能告诉全部账户，同行跳过它"
    " · in W2 each peer calls the same pure core; the clock's tick reaches all accounts in ours and"
    " the bare loop, the peers have no operator for it and skip it, which is less work",
    "核心的数字是各轮里最低的一轮，各轮分散在整个运行里；同样的活，别的程序只会让它变慢"
    "（`timeit` 的文档也这么说），中位数和每一轮都在原始数据里"
    " · the core's figure is its lowest turn of several, spread over"
    " the run: other programs only ever add (as `timeit` documents); median and turns are in the"
    " raw data",
    "核心按微秒判，和裸循环的比例只公布（决定 0030）"
    " · the core is judged by microseconds; its ratio to the bare loop is published and judges"
    " nothing (decision 0030)",
    "延迟是开环的：每条按时发，从该发的时刻算起，先预热 5 秒；丢一条提醒就没有数字"
    " · latency is open loop, counted from the moment a record was due, after 5 s of warming; one"
    " lost alert and there is no figure；发送程序自己迟了 250 毫秒以上就换一套存储重测，"
    "最多四次，取发送最准时的一次，不看测得多少，每次都记下 · while the load program itself was"
    " over 250 ms late it is measured again on fresh stores, four times at most; the attempt whose"
    " load was least late counts, whatever it measured, and all are kept",
)
NEVER = (
    "几台机器、三副本的 Kafka、机器之间的网络：全部在一台机器上，经纪、存储和被测者分同样的核"
    " · several machines, replication 3, a network: all of it shares one machine's cores",
    "两个以上的 worker · more than two workers",
    "真的企业微信和短信网关：用的是沙盒 · the real gateways: the sandbox stands in",
    "同行的恢复和扩容 · the peers' recovery and scaling",
    "同样的持久性要同行付多少：Bytewax 和 Pathway 的状态只在内存，裸循环什么都不保存、也不发提醒"
    " · what our durability would cost the peers: Bytewax and Pathway keep state in memory alone,"
    " the bare loop keeps nothing and sends no alert",
    "DSPBench 自己的引擎：只用它的题目 · DSPBench's own engines: only its definition is used",
)
