-- segment engagement at 1785542400000
--   engaged: did feature_used with at least 3 different values of feature within 48h of signed_up
--   at-risk: none of the others
WITH seen AS (
  SELECT
    profile,
    MIN(CASE WHEN event = 'signed_up' THEN ts END) AS did_1_anchor
  FROM `waymark_events`
  WHERE ts <= 1785542400000
  GROUP BY profile
),
windows AS (
  SELECT
    s.profile,
    COUNT(DISTINCT CASE WHEN event = 'feature_used' AND ts >= did_1_anchor AND ts < did_1_anchor + 172800000 THEN NULLIF(TO_JSON_STRING(properties['feature']), 'null') END) AS did_1_amount
  FROM seen AS s JOIN `waymark_events` AS e ON e.profile = s.profile
  WHERE ts <= 1785542400000 AND (event = 'feature_used' AND ts >= did_1_anchor AND ts < did_1_anchor + 172800000)
  GROUP BY s.profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- did feature_used with at least 3 different values of feature within 48h of signed_up
    CASE WHEN did_1_anchor IS NULL THEN NULL WHEN (COALESCE(did_1_amount, 0) >= 3) THEN TRUE WHEN 1785542400000 >= did_1_anchor + 172800000 THEN FALSE END AS did_1
  FROM seen AS s
    LEFT JOIN windows AS w ON w.profile = s.profile
)
SELECT
  profile,
  CASE
    WHEN did_1 THEN 'engaged'
    WHEN NOT (did_1) THEN 'at-risk'
  END AS member
FROM truths
