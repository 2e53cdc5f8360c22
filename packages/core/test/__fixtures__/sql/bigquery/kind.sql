-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (traits['company.size'] IS NOT NULL) THEN COALESCE(CASE WHEN JSON_TYPE(traits['company.size']) = 'number' THEN SAFE_CAST(JSON_VALUE(traits['company.size']) AS FLOAT64) END >= 10, FALSE) END END IGNORE NULLS ORDER BY ts DESC, message_id DESC LIMIT 1)[SAFE_OFFSET(0)] AS trait_1_passes,
    ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (traits['company'] IS NOT NULL) THEN COALESCE(CASE WHEN JSON_TYPE(traits['company']['size']) = 'number' THEN SAFE_CAST(JSON_VALUE(traits['company']['size']) AS FLOAT64) END >= 10, FALSE) END END IGNORE NULLS ORDER BY ts DESC, message_id DESC LIMIT 1)[SAFE_OFFSET(0)] AS trait_1_passes_2,
    ARRAY_AGG(CASE WHEN event = 'signed_in' THEN COALESCE((CASE WHEN JSON_TYPE(properties['role']) = 'string' THEN JSON_VALUE(properties['role']) END = 'owner' OR CASE WHEN JSON_TYPE(properties['role']) = 'string' THEN JSON_VALUE(properties['role']) END = 'admin'), FALSE) END IGNORE NULLS ORDER BY ts DESC, message_id DESC LIMIT 1)[SAFE_OFFSET(0)] AS occurrence_1_passes,
    ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (traits['tags'] IS NOT NULL) THEN COALESCE((STRPOS(CASE WHEN JSON_TYPE(traits['tags']) = 'string' THEN JSON_VALUE(traits['tags']) END, 'it\'s') > 0 OR EXISTS (SELECT 1 FROM UNNEST(JSON_QUERY_ARRAY(traits['tags'])) AS item WHERE CASE WHEN JSON_TYPE(item) = 'string' THEN JSON_VALUE(item) END = 'it\'s')), FALSE) END END IGNORE NULLS ORDER BY ts DESC, message_id DESC LIMIT 1)[SAFE_OFFSET(0)] AS trait_2_passes,
    ARRAY_AGG(CASE WHEN event = 'invited' AND NOT COALESCE(CASE WHEN JSON_TYPE(properties['via']) = 'string' THEN JSON_VALUE(properties['via']) END = 'link', FALSE) THEN COALESCE(COALESCE(JSON_TYPE(properties['by']) <> 'null', FALSE), FALSE) END IGNORE NULLS ORDER BY ts, message_id LIMIT 1)[SAFE_OFFSET(0)] AS occurrence_2_passes
  FROM `waymark_events`
  WHERE ts <= 1785542400000
  GROUP BY profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- trait company.size at least 10
    COALESCE(trait_1_passes, trait_1_passes_2, FALSE) AS trait_1,
    -- the last signed_in has role one of 'owner', 'admin'
    COALESCE(occurrence_1_passes, FALSE) AS occurrence_1,
    -- trait tags containing 'it\'s'
    COALESCE(trait_2_passes, FALSE) AS trait_2,
    -- the first invited with via not 'link' has by set
    COALESCE(occurrence_2_passes, FALSE) AS occurrence_2
  FROM seen AS s
)
SELECT
  profile,
  CASE
    WHEN (trait_1 AND occurrence_1) THEN 'owner'
    WHEN (trait_2 OR occurrence_2) THEN 'member'
  END AS member
FROM truths
