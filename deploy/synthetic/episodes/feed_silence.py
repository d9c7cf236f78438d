"""数据中断 — the source itself goes silent in open hours: five minutes are told, four are not.

See ``stage.SILENCES``: the clock goes on, and says each minute when the source was last heard.
"""

from deploy.synthetic.script import Episode, Telling
from deploy.synthetic.stage import Stage

KIND, SOURCE = "数据中断", "stream"


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the one story that is about no client."""
    begin, end = stage.silences[-1]
    return (
        Episode(
            "feed-silence",
            "four silent minutes in the morning, five before the close; then it speaks again",
            opening=None,
            told=(
                Telling(
                    "raised",
                    KIND,
                    f"数据源{SOURCE}已5分钟没有数据",
                    (SOURCE, f"{begin:%Y-%m-%d %H:%M:%S}"),
                ),
                Telling("withdrawn", KIND, f"数据源{SOURCE}已恢复", (SOURCE, f"{end:%H:%M:%S}")),
            ),
            feed=True,
        ),
    )
