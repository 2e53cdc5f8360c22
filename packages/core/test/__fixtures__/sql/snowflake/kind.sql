-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    GET(ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (GET(traits, 'company.size') IS NOT NULL) THEN COALESCE(CASE WHEN TYPEOF(GET(traits, 'company.size')) IN ('INTEGER', 'DECIMAL', 'DOUBLE') THEN TRY_TO_DOUBLE(TO_VARCHAR(GET(traits, 'company.size'))) END >= 10, FALSE) END END) WITHIN GROUP (ORDER BY ts DESC, message_id DESC), 0)::BOOLEAN AS trait_1_passes,
    GET(ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (GET(traits, 'company') IS NOT NULL) THEN COALESCE(CASE WHEN TYPEOF(GET(GET(traits, 'company'), 'size')) IN ('INTEGER', 'DECIMAL', 'DOUBLE') THEN TRY_TO_DOUBLE(TO_VARCHAR(GET(GET(traits, 'company'), 'size'))) END >= 10, FALSE) END END) WITHIN GROUP (ORDER BY ts DESC, message_id DESC), 0)::BOOLEAN AS trait_1_passes_2,
    GET(ARRAY_AGG(CASE WHEN event = 'signed_in' THEN COALESCE((CASE WHEN TYPEOF(GET(properties, 'role')) = 'VARCHAR' THEN TO_VARCHAR(GET(properties, 'role')) END = 'owner' OR CASE WHEN TYPEOF(GET(properties, 'role')) = 'VARCHAR' THEN TO_VARCHAR(GET(properties, 'role')) END = 'admin'), FALSE) END) WITHIN GROUP (ORDER BY ts DESC, message_id DESC), 0)::BOOLEAN AS occurrence_1_passes,
    GET(ARRAY_AGG(CASE WHEN type = 'identify' THEN CASE WHEN (GET(traits, 'tags') IS NOT NULL) THEN COALESCE((CONTAINS(CASE WHEN TYPEOF(GET(traits, 'tags')) = 'VARCHAR' THEN TO_VARCHAR(GET(traits, 'tags')) END, 'it''s') OR COALESCE(ARRAY_SIZE(FILTER(AS_ARRAY(GET(traits, 'tags')), item -> CASE WHEN TYPEOF(item) = 'VARCHAR' THEN TO_VARCHAR(item) END = 'it''s')) > 0, FALSE)), FALSE) END END) WITHIN GROUP (ORDER BY ts DESC, message_id DESC), 0)::BOOLEAN AS trait_2_passes,
    GET(ARRAY_AGG(CASE WHEN event = 'invited' AND NOT COALESCE(CASE WHEN TYPEOF(GET(properties, 'via')) = 'VARCHAR' THEN TO_VARCHAR(GET(properties, 'via')) END = 'link', FALSE) THEN COALESCE(COALESCE(TYPEOF(GET(properties, 'by')) <> 'NULL_VALUE', FALSE), FALSE) END) WITHIN GROUP (ORDER BY ts, message_id), 0)::BOOLEAN AS occurrence_2_passes
  FROM waymark_events
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
