-- segment care at 1785542400000
--   call: at-risk in segment engagement for at least 3d, and owner in segment kind
WITH ordered AS (
  SELECT
    profile,
    ts,
    is_1,
    is_2,
    value_3,
    is_4,
    passes_5,
    passes_6,
    is_7,
    passes_8,
    passes_9,
    is_10,
    passes_11,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, message_id) AS place,
    LEAD(ts) OVER (PARTITION BY profile ORDER BY ts, message_id) AS next_ts
  FROM (
    SELECT
      profile,
      ts,
      message_id,
      event = 'signed_up' AS is_1,
      event = 'feature_used' AS is_2,
      CASE WHEN event = 'feature_used' THEN NULLIF(NULLIF(JSONExtractRaw(properties, 'feature'), ''), 'null') END AS value_3,
      type = 'identify' AS is_4,
      CASE WHEN type = 'identify' THEN CASE WHEN (JSONHas(traits, 'company.size') = 1) THEN COALESCE(CASE WHEN JSONType(JSONExtractRaw(traits, 'company.size')) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(JSONExtractRaw(traits, 'company.size')) END >= 10, FALSE) END END AS passes_5,
      CASE WHEN type = 'identify' THEN CASE WHEN (JSONHas(traits, 'company') = 1) THEN COALESCE(CASE WHEN JSONType(JSONExtractRaw(JSONExtractRaw(traits, 'company'), 'size')) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(JSONExtractRaw(JSONExtractRaw(traits, 'company'), 'size')) END >= 10, FALSE) END END AS passes_6,
      event = 'signed_in' AS is_7,
      CASE WHEN event = 'signed_in' THEN COALESCE((CASE WHEN JSONType(JSONExtractRaw(properties, 'role')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'role')) END = 'owner' OR CASE WHEN JSONType(JSONExtractRaw(properties, 'role')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'role')) END = 'admin'), FALSE) END AS passes_8,
      CASE WHEN type = 'identify' THEN CASE WHEN (JSONHas(traits, 'tags') = 1) THEN COALESCE((position(CASE WHEN JSONType(JSONExtractRaw(traits, 'tags')) = 'String' THEN JSONExtractString(JSONExtractRaw(traits, 'tags')) END, 'it\'s') > 0 OR arrayExists(item -> CASE WHEN JSONType(item) = 'String' THEN JSONExtractString(item) END = 'it\'s', JSONExtractArrayRaw(JSONExtractRaw(traits, 'tags')))), FALSE) END END AS passes_9,
      event = 'invited' AND NOT COALESCE(CASE WHEN JSONType(JSONExtractRaw(properties, 'via')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'via')) END = 'link', FALSE) AS is_10,
      CASE WHEN event = 'invited' AND NOT COALESCE(CASE WHEN JSONType(JSONExtractRaw(properties, 'via')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'via')) END = 'link', FALSE) THEN COALESCE((JSONExtractRaw(properties, 'by') NOT IN ('', 'null')), FALSE) END AS passes_11
    FROM waymark_events
    WHERE ts <= 1785542400000
  ) AS readings
),
events AS MATERIALIZED (
  SELECT
    profile,
    ts,
    is_1,
    is_2,
    value_3,
    is_4,
    passes_5,
    passes_6,
    is_7,
    passes_8,
    passes_9,
    is_10,
    passes_11,
    place,
    next_ts
  FROM ordered
  WHERE place = 1 OR next_ts = ts OR is_1 OR is_2 OR is_4 OR is_7 OR is_10
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
  WHERE moment <= 1785542400000
),
since_1_seen AS MATERIALIZED (
  SELECT
    m.profile,
    m.moment,
    m.upto,
    MIN(CASE WHEN is_1 THEN ts END) AS did_1_anchor
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
    profile,
    argMaxOrNullIf(passes_5, place, is_4) AS trait_1_passes,
    argMaxOrNullIf(passes_6, place, is_4) AS trait_1_passes_2,
    argMaxOrNullIf(passes_8, place, is_7) AS occurrence_1_passes,
    argMaxOrNullIf(passes_9, place, is_4) AS trait_2_passes,
    argMinOrNullIf(passes_11, place, is_10) AS occurrence_2_passes
  FROM events
  GROUP BY profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- at-risk in segment engagement for at least 3d
    (since_1.member = 'at-risk' AND 1785542400000 >= since_1.since + 259200000) AS in_segment_1,
    -- trait company.size at least 10
    COALESCE(trait_1_passes, trait_1_passes_2, FALSE) AS trait_1,
    -- the last signed_in has role one of 'owner', 'admin'
    COALESCE(occurrence_1_passes, FALSE) AS occurrence_1,
    -- trait tags containing 'it\'s'
    COALESCE(trait_2_passes, FALSE) AS trait_2,
    -- the first invited with via not 'link' has by set
    COALESCE(occurrence_2_passes, FALSE) AS occurrence_2
  FROM seen AS s
    LEFT JOIN since_1 ON since_1.profile = s.profile AND since_1.next_moment = 9007199254740991
),
with_member_2 AS (
  SELECT
    *,
    -- segment kind
    CASE
      WHEN (trait_1 AND occurrence_1) THEN 'owner'
      WHEN (trait_2 OR occurrence_2) THEN 'member'
    END AS member_2
  FROM truths
)
SELECT
  profile,
  CASE
    WHEN (in_segment_1 AND (member_2 = 'owner')) THEN 'call'
  END AS member
FROM with_member_2
SETTINGS join_use_nulls = 1, enable_materialized_cte = 1
