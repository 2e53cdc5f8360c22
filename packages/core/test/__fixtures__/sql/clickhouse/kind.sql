-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    argMaxOrNullIf(CASE WHEN (JSONHas(traits, 'company.size') = 1) THEN COALESCE(CASE WHEN JSONType(JSONExtractRaw(traits, 'company.size')) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(JSONExtractRaw(traits, 'company.size')) END >= 10, FALSE) END, (ts, message_id), type = 'identify') AS trait_1_passes,
    argMaxOrNullIf(CASE WHEN (JSONHas(traits, 'company') = 1) THEN COALESCE(CASE WHEN JSONType(JSONExtractRaw(JSONExtractRaw(traits, 'company'), 'size')) IN ('Int64', 'UInt64', 'Double') THEN JSONExtractFloat(JSONExtractRaw(JSONExtractRaw(traits, 'company'), 'size')) END >= 10, FALSE) END, (ts, message_id), type = 'identify') AS trait_1_passes_2,
    argMaxOrNullIf(COALESCE((CASE WHEN JSONType(JSONExtractRaw(properties, 'role')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'role')) END = 'owner' OR CASE WHEN JSONType(JSONExtractRaw(properties, 'role')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'role')) END = 'admin'), FALSE), (ts, message_id), event = 'signed_in') AS occurrence_1_passes,
    argMaxOrNullIf(CASE WHEN (JSONHas(traits, 'tags') = 1) THEN COALESCE((position(CASE WHEN JSONType(JSONExtractRaw(traits, 'tags')) = 'String' THEN JSONExtractString(JSONExtractRaw(traits, 'tags')) END, 'it\'s') > 0 OR arrayExists(item -> CASE WHEN JSONType(item) = 'String' THEN JSONExtractString(item) END = 'it\'s', JSONExtractArrayRaw(JSONExtractRaw(traits, 'tags')))), FALSE) END, (ts, message_id), type = 'identify') AS trait_2_passes,
    argMinOrNullIf(COALESCE((JSONExtractRaw(properties, 'by') NOT IN ('', 'null')), FALSE), (ts, message_id), event = 'invited' AND NOT COALESCE(CASE WHEN JSONType(JSONExtractRaw(properties, 'via')) = 'String' THEN JSONExtractString(JSONExtractRaw(properties, 'via')) END = 'link', FALSE)) AS occurrence_2_passes
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
SETTINGS join_use_nulls = 1
