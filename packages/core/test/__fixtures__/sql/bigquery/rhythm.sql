-- segment rhythm at 1785542400000
--   steady: from when (did any activity on at least 3 days in the last 7d) until (inactive for 7d)
WITH ordered AS (
  SELECT
    profile,
    ts,
    is_1,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, message_id) AS place,
    LEAD(ts) OVER (PARTITION BY profile ORDER BY ts, message_id) AS next_ts
  FROM (
    SELECT
      profile,
      ts,
      message_id,
      type IN ('track', 'page', 'screen') AS is_1
    FROM `waymark_events`
    WHERE ts <= 1785542400000
  ) AS readings
),
events AS (
  SELECT
    profile,
    ts,
    is_1,
    place,
    next_ts
  FROM ordered
  WHERE place = 1 OR next_ts = ts OR is_1
),
holding_1_moments AS (
  SELECT DISTINCT
    profile,
    moment,
    CASE WHEN place > 0 THEN place ELSE MAX(place) OVER (PARTITION BY profile ORDER BY moment) END AS upto
  FROM (
    SELECT profile, ts AS moment, place FROM events
    UNION ALL
    SELECT profile, ts + 604800000, 0 FROM events WHERE is_1
  ) AS edges
  WHERE moment <= 1785542400000
),
holding_1_seen AS (
  SELECT
    m.profile,
    m.moment,
    m.upto,
    COUNT(DISTINCT CASE WHEN is_1 AND ts > m.moment - 604800000 THEN ts - MOD(MOD(ts, 86400000) + 86400000, 86400000) END) AS did_1_amount,
    MAX(CASE WHEN is_1 THEN ts END) AS last_active
  FROM holding_1_moments AS m JOIN events AS e ON e.profile = m.profile AND e.place <= m.upto
  GROUP BY m.profile, m.moment, m.upto
),
holding_1_truths AS (
  SELECT
    s.profile AS profile,
    s.moment AS moment,
    s.upto AS upto,
    -- did any activity on at least 3 days in the last 7d
    (COALESCE(did_1_amount, 0) >= 3) AS did_1,
    -- inactive for 7d
    (s.moment >= last_active + 604800000) AS inactive_1
  FROM holding_1_seen AS s
),
holding_1_turns AS (
  SELECT
    profile,
    moment,
    upto,
    did_1 AS begins,
    inactive_1 AS ends,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY moment, upto) AS turn
  FROM holding_1_truths
),
-- from when (did any activity on at least 3 days in the last 7d) until (inactive for 7d)
holding_1 AS (
  SELECT
    profile,
    moment,
    upto,
    CASE
      WHEN ends THEN FALSE
      WHEN COALESCE(MAX(CASE WHEN begins THEN turn END) OVER (PARTITION BY profile ORDER BY moment, upto), 0) > COALESCE(MAX(CASE WHEN ends THEN turn END) OVER (PARTITION BY profile ORDER BY moment, upto), 0) THEN TRUE
      WHEN begins IS NULL THEN NULL
      ELSE FALSE
    END AS value,
    LEAD(moment, 1, 9007199254740991) OVER (PARTITION BY profile ORDER BY moment, upto) AS next_moment,
    LEAD(upto, 1, 0) OVER (PARTITION BY profile ORDER BY moment, upto) AS next_upto
  FROM holding_1_turns
),
seen AS (
  SELECT
    profile
  FROM events
  GROUP BY profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- from when (did any activity on at least 3 days in the last 7d) until (inactive for 7d)
    holding_1.value AS is_holding_1
  FROM seen AS s
    LEFT JOIN holding_1 ON holding_1.profile = s.profile AND holding_1.next_moment = 9007199254740991
)
SELECT
  profile,
  CASE
    WHEN is_holding_1 THEN 'steady'
  END AS member
FROM truths
