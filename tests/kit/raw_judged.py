"""What the definitions say of the raw lines, in SQL: tiers of RFM, permissions, reasons to visit.

Written from docs/profile and from the rules as data (``$1``: the YAML file as JSON); none of
profile's functions, tables or statements is in them. ``$2`` is the day.
"""

TRADED = """
CREATE MATERIALIZED VIEW traded AS
SELECT c[1]::date AS day, c[2] AS account, c[3] AS trade, c[4] AS instrument, c[5] AS side,
  c[6]::integer AS lots, c[10] AS offset_flag, c[14]::numeric AS fee, c[16] AS flag,
  c[18] AS order_number, false AS option
FROM (SELECT string_to_array(line, '@') AS c FROM raw WHERE kind = 'trddata') f
UNION ALL
SELECT c[1]::date, c[2], c[3], c[4], c[5], c[6]::integer, c[10], c[12]::numeric, c[18], c[20], true
FROM (SELECT string_to_array(line, '@') AS c FROM raw WHERE kind = 'opttrddata') o
"""
BASED = """
CREATE VIEW based AS SELECT c[1] AS account, c[2]::date AS opened_on,
  nullif(c[3], '') AS level, nullif(c[4], '')::date AS level_until
FROM (SELECT string_to_array(line, ',') AS c FROM raw
  WHERE kind = 'baselines' AND line NOT LIKE 'account,%') b
"""
AGREED = """
CREATE VIEW agreed AS SELECT c[1] AS account, c[2] AS kind, nullif(c[3], '')::date AS starts_on,
  nullif(c[4], '')::date AS ends_on
FROM (SELECT string_to_array(line, ',') AS c FROM raw
  WHERE kind = 'agreements' AND line NOT LIKE 'account,%') a
"""
EXCHANGES = """
CREATE VIEW exchanges AS SELECT * FROM (VALUES ('S', 'SHFE'), ('Z', 'CZCE'), ('D', 'DCE'),
  ('J', 'CFFEX'), ('N', 'INE'), ('G', 'GFEX')) AS e (flag, exchange)
"""
RESULTS = """
CREATE MATERIALIZED VIEW results AS
SELECT s.*, coalesce(m.came, 0) AS came, coalesce(m.went, 0) AS went,
  s.equity - s.opening - coalesce(m.came, 0) + coalesce(m.went, 0) AS profit
FROM settled s LEFT JOIN (
  SELECT account, day, sum(greatest(amount, 0)) AS came, sum(greatest(-amount, 0)) AS went
  FROM moved GROUP BY account, day) m USING (account, day)
"""
"""The day's result follows from the equities and the movements: fees are off already."""
VIEWS = (TRADED, BASED, AGREED, EXCHANGES, RESULTS)

INDICATORS = """
WITH nights AS (
  SELECT day, row_number() OVER (ORDER BY day DESC) - 1 AS back
  FROM (SELECT DISTINCT day FROM settled WHERE day <= $2) d
), dealt AS (
  SELECT account, day, sum(lots) AS lots, sum(fee) AS fee FROM traded GROUP BY account, day
), told AS (
  SELECT r.*, n.back, d.lots, d.fee, sum(profit) OVER (PARTITION BY account ORDER BY day) AS made
  FROM results r JOIN nights n USING (day) LEFT JOIN dealt d USING (account, day)
), peaks AS (
  SELECT account, greatest(max(made) OVER (PARTITION BY account ORDER BY day), 0) - made AS fall
  FROM told
), falls AS (
  SELECT account, max(fall) AS fall FROM peaks GROUP BY account
), firsts AS (
  SELECT DISTINCT ON (account) account, opening FROM told ORDER BY account, day
), summed AS (
  SELECT account, count(*) AS days, round(avg(equity), 3) AS average_equity, sum(profit) AS profit,
    sum(came) AS came, sum(went) AS went, coalesce(sum(lots), 0) AS traded_lots,
    coalesce(sum(fee), 0) AS commission, count(lots) AS traded_days,
    min(back) FILTER (WHERE lots > 0) AS idle_days
  FROM told GROUP BY account
), figures AS (
  SELECT s.*, falls.fall, t.equity, t.margin, firsts.opening + s.came AS base
  FROM summed s JOIN falls USING (account) JOIN firsts USING (account)
  JOIN told t ON t.account = s.account AND t.day = $2
), scored AS (
  SELECT *,
    (SELECT 1 + count(*) FROM jsonb_array_elements_text($1::jsonb -> 'recency') m (n)
     WHERE idle_days <= n::integer) AS recency,
    (SELECT 1 + count(*) FROM jsonb_array_elements_text($1 -> 'frequency') m (n)
     WHERE traded_days >= n::integer) AS frequency,
    (SELECT 1 + count(*) FROM jsonb_array_elements_text($1 -> 'monetary') m (n)
     WHERE commission >= n::numeric) AS monetary,
    $1 -> 'churn' AS c
  FROM figures
), risked AS (
  SELECT *,
    (SELECT coalesce(sum(points), 0) FROM (VALUES
      (coalesce(idle_days, days) >= (c #>> '{idle,days}')::integer,
       (c #>> '{idle,points}')::integer),
      (equity <= (c #>> '{shrinking,share}')::numeric * average_equity AND average_equity > 0,
       (c #>> '{shrinking,points}')::integer),
      (went - came >= (c #>> '{leaving,share}')::numeric * base AND base > 0,
       (c #>> '{leaving,points}')::integer)) AS p (applies, points) WHERE applies) AS churn_points
  FROM scored
)
SELECT account, equity, average_equity, profit, commission, came - went AS net_deposit,
  CASE WHEN base > 0 THEN round(profit / base, 6) END AS return_rate,
  CASE WHEN base > 0 THEN round(fall / base, 6) END AS drawdown_rate,
  CASE WHEN equity > 0 THEN round(margin / equity, 6) END AS margin_use,
  traded_lots, traded_days, idle_days, recency, frequency, monetary,
  (SELECT 1 + count(*) FROM jsonb_array_elements_text($1 -> 'tiers') m (n)
   WHERE recency + frequency + monetary >= n::integer) AS tier,
  churn_points,
  CASE WHEN churn_points >= (c ->> 'high')::integer THEN 'high'
    WHEN churn_points >= (c ->> 'middle')::integer THEN 'middle' ELSE 'low' END AS churn,
  CASE WHEN equity >= ($1 #>> '{sizes,large}')::numeric THEN 'large'
    WHEN equity >= ($1 #>> '{sizes,middle}')::numeric THEN 'middle' ELSE 'small' END AS size
FROM risked
"""
"""All the days are within a window, and within its later half: nobody fades."""

PERMISSIONS = """
WITH classes AS (
  SELECT key AS class, value ->> 'exchange' AS exchange, (value ->> 'rank')::integer AS rank,
    (value ->> 'funds')::numeric AS funds, value ->> 'of' AS what,
    coalesce(value -> 'products', '[]') AS products,
    coalesce(value #> '{opened_by,codes}', '[]') AS codes,
    coalesce(value #> '{opened_by,agreements}', '[]') AS kinds
  FROM jsonb_each($1::jsonb -> 'classes')
), opened AS (
  SELECT t.account, k.class
  FROM traded t JOIN exchanges USING (flag) JOIN classes k USING (exchange)
  WHERE t.offset_flag = 'O' AND t.day <= $2
    AND k.what IN ('both', CASE WHEN t.option THEN 'options' ELSE 'futures' END)
    AND (k.products = '[]' OR k.products ? substring(t.instrument FROM '^[A-Za-z]+'))
  UNION SELECT split_part(line, '@', 2), k.class FROM raw
    JOIN exchanges e ON e.flag = split_part(line, '@', 3) JOIN classes k ON k.codes ? e.exchange
  WHERE kind = 'cuscode'
  UNION SELECT a.account, k.class FROM agreed a JOIN classes k ON k.kinds ? a.kind
  WHERE (a.starts_on IS NULL OR a.starts_on <= $2) AND (a.ends_on IS NULL OR a.ends_on >= $2)
), dealt AS (
  SELECT o.client, count(DISTINCT t.day) AS days,
    count(DISTINCT (t.account, t.day, t.flag, CASE WHEN t.order_number = ''
      THEN 'trade ' || t.trade || t.side ELSE t.order_number END)) AS orders
  FROM traded t JOIN owned o USING (account) GROUP BY o.client
), whole AS (
  SELECT o.client, bool_and(coalesce(b.opened_on >= (SELECT min(day) FROM settled), false)) AS known
  FROM owned o LEFT JOIN based b USING (account) GROUP BY o.client
), lowest AS (
  SELECT account, min(available) AS low, count(*) AS days FROM settled
  WHERE day IN (SELECT DISTINCT day FROM settled WHERE day <= $2 ORDER BY day DESC
                LIMIT ($1 ->> 'days')::integer) GROUP BY account
), conditions AS (
  SELECT account, class, 'funds' AS condition,
    CASE WHEN low < k.funds THEN false WHEN days = ($1 ->> 'days')::integer THEN true END AS met
  FROM owned CROSS JOIN classes k LEFT JOIN lowest USING (account)
  UNION ALL SELECT account, class, 'knowledge',
    score = '' OR nullif(score, '')::integer >= ($1 ->> 'knowledge')::integer
  FROM owned CROSS JOIN classes
  UNION ALL SELECT account, class, 'experience',
    CASE WHEN orders >= ($1 ->> 'orders')::integer THEN true WHEN known THEN false END
  FROM owned CROSS JOIN classes JOIN whole USING (client) LEFT JOIN dealt USING (client)
  UNION ALL SELECT account, class, 'suitability',
    CASE WHEN right(level, 1)::integer < ($1 ->> 'level')::integer OR level_until < $2 THEN false
      WHEN level IS NOT NULL AND level_until IS NOT NULL THEN true END
  FROM owned CROSS JOIN classes LEFT JOIN based USING (account)
), excused AS (
  SELECT account, class, 'professional' AS who FROM owned CROSS JOIN classes
  WHERE investor LIKE ($1 #>> '{tags,professional}') || '%'
  UNION ALL SELECT account, class, 'traded' FROM owned CROSS JOIN classes JOIN dealt USING (client)
  WHERE dealt.days >= ($1 ->> 'traded_days')::integer
  UNION ALL SELECT DISTINCT o.account, k.class, 'same' FROM opened o
  JOIN classes had ON had.class = o.class JOIN classes k ON k.rank <= had.rank
), barring AS (
  SELECT c.account, c.class, count(*) FILTER (WHERE NOT met) AS failed,
    count(*) FILTER (WHERE met IS NULL) AS unknown
  FROM conditions c WHERE NOT EXISTS (
    SELECT FROM excused e WHERE (e.account, e.class) = (c.account, c.class)
    AND $1 -> 'exempts' -> e.who ? c.condition)
  GROUP BY c.account, c.class
)
SELECT account, class, CASE WHEN o.class IS NOT NULL THEN 'open'
    WHEN b.failed > 0 THEN 'not-met' WHEN b.unknown > 0 THEN 'unknown' ELSE 'eligible' END
FROM owned CROSS JOIN classes LEFT JOIN opened o USING (account, class)
LEFT JOIN barring b USING (account, class)
"""

JUDGED = """
WITH persons AS (
  SELECT DISTINCT ON (client) client, type = '自然人' AS human,
    CASE WHEN replace(nullif(born, ''), '/', '-')::date <= $2
      THEN replace(born, '/', '-')::date END AS born, nullif(income, '') AS income,
    nullif(job, '') AS job
  FROM owned ORDER BY client
), lost AS (
  SELECT client, -sum(profit) AS loss, sum(came) + sum(opening) FILTER (WHERE place = 1) AS base
  FROM (SELECT o.client, r.*, row_number() OVER (PARTITION BY account ORDER BY day) AS place
        FROM owned o JOIN results r USING (account) WHERE r.day <= $2) r GROUP BY client
), born AS (
  SELECT o.client, max(b.opened_on) AS opened_on FROM owned o LEFT JOIN based b USING (account)
  GROUP BY o.client
), books AS (
  SELECT o.client, bool_or(h.product IS NOT NULL AND (h.kind = 'optholddata' OR EXISTS (
      SELECT FROM jsonb_array_elements_text($1::jsonb #> '{risky,products}') p
      WHERE split_part(p, '.', 2) = h.product))) AS risky,
    bool_and(h.product IS NOT NULL) AS told
  FROM owned o LEFT JOIN (SELECT account, product, CASE WHEN instrument LIKE '%-C-%'
    THEN 'optholddata' ELSE 'holddata' END AS kind FROM held) h USING (account) GROUP BY o.client
), verdicts AS (
  SELECT client, 'A001' AS rule,
    opened_on > $2 - ($1 #>> '{new_account,days}')::integer AND opened_on <= $2 AS met FROM born
  UNION ALL SELECT client, 'A002', loss > ($1 #>> '{large_loss,amount}')::numeric
      OR (loss > 0 AND loss > ($1 #>> '{large_loss,ratio}')::numeric * base) FROM lost
  UNION ALL SELECT client, 'A003', CASE WHEN human
      THEN extract(year FROM age($2, born)) > ($1 #>> '{elderly,over}')::integer ELSE false END
  FROM persons
  UNION ALL SELECT client, 'A004', CASE WHEN NOT human THEN false WHEN income IS NOT NULL THEN
      EXISTS (SELECT FROM jsonb_array_elements_text($1 #> '{savings,words}') w
              WHERE strpos(income, w) > 0) END FROM persons
  UNION ALL SELECT client, 'A005', CASE WHEN NOT human THEN false WHEN job IS NOT NULL THEN
      EXISTS (SELECT FROM jsonb_array_elements_text($1 #> '{jobless,words}') w
              WHERE strpos(job, w) > 0) END FROM persons
  UNION ALL SELECT client, 'A006', CASE WHEN risky THEN true WHEN told THEN false END FROM books
  UNION ALL (SELECT client, 'S001', true FROM persons
    ORDER BY sha256(convert_to(extract(year FROM $2)::text || '|' || client, 'UTF8')), client
    LIMIT ceil((SELECT count(*) FROM persons) * ($1 ->> 'sample')::numeric))
)
"""
REASONS = f"""{JUDGED}
SELECT client, array_agg(rule ORDER BY rule) AS rules FROM verdicts WHERE met GROUP BY client
"""  # noqa: S608 our own words
TALLIES = f"""{JUDGED}
SELECT rule, count(*) FILTER (WHERE met), count(*) FILTER (WHERE met IS NULL)
FROM verdicts GROUP BY rule
"""  # noqa: S608 our own words
