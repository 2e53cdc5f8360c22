-- segment habit at 1785542400000
--   deep: did feature_used with minutes adding up to at least 90.5 across 3 sessions and 2 days in the last 7d
--   quick start: did feature_used with advanced = true at least once in the first 24h
--   away: never did feature_used in the last 14d
WITH ordered AS (
  SELECT
    profile,
    ts,
    is_1,
    amount_2,
    is_3,
    is_activity,
    LAG(ts) OVER (PARTITION BY profile, is_activity ORDER BY ts) AS active_before
  FROM (
    SELECT
      profile,
      ts,
      event = 'feature_used' AS is_1,
      CASE WHEN event = 'feature_used' THEN CASE WHEN CASE WHEN JSONType(JSONExtractRaw(properties, 'minutes')) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(JSONExtractRaw(properties, 'minutes')) END BETWEEN -1000000000000 AND 1000000000000 THEN round(toDecimal256OrNull(JSONExtractRaw(properties, 'minutes'), 30), 6) END END AS amount_2,
      event = 'feature_used' AND JSONExtractRaw(properties, 'advanced') = 'true' AS is_3,
      type IN ('track', 'page', 'screen') AS is_activity
    FROM waymark_events
    WHERE ts <= 1785542400000
  ) AS readings
),
events AS (
  SELECT
    profile,
    ts,
    is_1,
    amount_2,
    is_3,
    session
  FROM (
    SELECT
      profile,
      ts,
      is_1,
      amount_2,
      is_3,
      SUM(CASE WHEN ts - active_before > 1800000 THEN 1 ELSE 0 END) OVER (PARTITION BY profile, is_activity ORDER BY ts) AS session
    FROM ordered
  ) AS spaced
),
seen AS (
  SELECT
    profile,
    SUM(CASE WHEN is_1 AND ts > 1784937600000 THEN amount_2 END) AS did_1_amount,
    COUNT(DISTINCT CASE WHEN is_1 AND ts > 1784937600000 AND amount_2 IS NOT NULL THEN session END) AS did_1_sessions,
    COUNT(DISTINCT CASE WHEN is_1 AND ts > 1784937600000 AND amount_2 IS NOT NULL THEN ts - MOD(MOD(ts, 86400000) + 86400000, 86400000) END) AS did_1_days,
    MIN(ts) AS first_seen,
    COUNT(CASE WHEN is_1 AND ts > 1784332800000 THEN 1 END) AS did_3_amount
  FROM events
  GROUP BY profile
),
windows AS (
  SELECT
    s.profile,
    COUNT(CASE WHEN is_3 AND ts >= first_seen AND ts < first_seen + 86400000 THEN 1 END) AS did_2_amount
  FROM seen AS s JOIN events AS e ON e.profile = s.profile
  WHERE is_3 AND ts >= first_seen AND ts < first_seen + 86400000
  GROUP BY s.profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- did feature_used with minutes adding up to at least 90.5 across 3 sessions and 2 days in the last 7d
    (COALESCE(did_1_amount, 0) >= toDecimal256('90.5', 6) AND COALESCE(did_1_sessions, 0) >= 3 AND COALESCE(did_1_days, 0) >= 2) AS did_1,
    -- did feature_used with advanced = true at least once in the first 24h
    CASE WHEN first_seen IS NULL THEN NULL WHEN (COALESCE(did_2_amount, 0) >= 1) THEN TRUE WHEN 1785542400000 >= first_seen + 86400000 THEN FALSE END AS did_2,
    -- never did feature_used in the last 14d
    CASE WHEN NOT (COALESCE(did_3_amount, 0) <= 0) THEN FALSE WHEN 1785542400000 >= first_seen + 1209600000 THEN TRUE END AS did_3
  FROM seen AS s
    LEFT JOIN windows AS w ON w.profile = s.profile
)
SELECT
  profile,
  CASE
    WHEN did_1 THEN 'deep'
    WHEN did_2 THEN 'quick start'
    WHEN did_3 THEN 'away'
  END AS member
FROM truths
SETTINGS join_use_nulls = 1
