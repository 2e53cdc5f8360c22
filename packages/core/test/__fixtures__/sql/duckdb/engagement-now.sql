-- segment engagement now
--   engaged: did feature_used with at least 3 different values of feature within 48h of signed_up
--   at-risk: none of the others
WITH ordered AS (
  SELECT
    profile,
    ts,
    is_1,
    is_2,
    value_3,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, message_id) AS place,
    LEAD(ts) OVER (PARTITION BY profile ORDER BY ts, message_id) AS next_ts
  FROM (
    SELECT
      profile,
      ts,
      message_id,
      event = 'signed_up' AS is_1,
      event = 'feature_used' AS is_2,
      CASE WHEN event = 'feature_used' THEN NULLIF(json_extract(properties, '$."feature"')::VARCHAR, 'null') END AS value_3
    FROM lake.events
    WHERE ts <= epoch_ms(now())
  ) AS readings
),
events AS (
  SELECT
    profile,
    ts,
    is_1,
    is_2,
    value_3,
    place,
    next_ts
  FROM ordered
  WHERE place = 1 OR next_ts = ts OR is_1 OR is_2
),
since_1_moments AS (
  SELECT DISTINCT
    profile,
    moment,
    CASE WHEN place > 0 THEN place ELSE MAX(place) OVER (PARTITION BY profile ORDER BY moment) END AS upto
  FROM (
    SELECT profile, ts AS moment, place FROM events
    UNION ALL
    SELECT profile, MIN(ts) + 172800000, 0 FROM events WHERE is_1 GROUP BY profile
  ) AS edges
  WHERE moment <= epoch_ms(now())
),
since_1_seen AS (
  SELECT
    m.profile,
    m.moment,
    m.upto,
    MIN(ts) FILTER (WHERE is_1) AS did_1_anchor
  FROM since_1_moments AS m JOIN events AS e ON e.profile = m.profile AND e.place <= m.upto
  GROUP BY m.profile, m.moment, m.upto
),
since_1_windows AS (
  SELECT
    s.profile,
    s.moment,
    s.upto,
    COUNT(DISTINCT CASE WHEN is_2 AND ts >= did_1_anchor AND ts < did_1_anchor + 172800000 THEN value_3 END) AS did_1_amount
  FROM since_1_seen AS s JOIN events AS e ON e.profile = s.profile AND e.place <= s.upto
  WHERE is_2 AND ts >= did_1_anchor AND ts < did_1_anchor + 172800000
  GROUP BY s.profile, s.moment, s.upto
),
since_1_truths AS (
  SELECT
    s.profile AS profile,
    s.moment AS moment,
    s.upto AS upto,
    -- did feature_used with at least 3 different values of feature within 48h of signed_up
    CASE WHEN did_1_anchor IS NULL THEN NULL WHEN (COALESCE(did_1_amount, 0) >= 3) THEN TRUE WHEN s.moment >= did_1_anchor + 172800000 THEN FALSE END AS did_1
  FROM since_1_seen AS s
    LEFT JOIN since_1_windows AS w ON w.profile = s.profile AND w.moment = s.moment AND w.upto = s.upto
),
since_1_with_member_1 AS (
  SELECT
    *,
    -- segment engagement
    CASE
      WHEN did_1 THEN 'engaged'
      WHEN NOT (did_1) THEN 'at-risk'
    END AS member_1
  FROM since_1_truths
),
since_1_changes AS (
  SELECT
    profile,
    moment,
    upto,
    COALESCE(member_1, '') AS entered,
    COALESCE(LAG(member_1) OVER (PARTITION BY profile ORDER BY moment, upto), '') AS left_behind
  FROM since_1_with_member_1
),
-- segment engagement, and since when
since_1 AS (
  SELECT
    profile,
    moment,
    upto,
    NULLIF(entered, '') AS member,
    CASE WHEN entered <> '' THEN moment END AS since,
    LEAD(moment, 1, 9007199254740991) OVER (PARTITION BY profile ORDER BY moment, upto) AS next_moment,
    LEAD(upto, 1, 0) OVER (PARTITION BY profile ORDER BY moment, upto) AS next_upto
  FROM since_1_changes
  WHERE entered <> left_behind
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
    since_1.member AS member,
    since_1.since AS since
  FROM seen AS s
    LEFT JOIN since_1 ON since_1.profile = s.profile AND since_1.next_moment = 9007199254740991
)
SELECT
  profile,
  member,
  since
FROM truths
