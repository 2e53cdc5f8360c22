-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    ARG_MAX(CASE WHEN type = 'identify' THEN CASE WHEN json_exists(traits, '$."company.size"') THEN COALESCE(CASE WHEN json_extract(traits, '$."company.size"')::VARCHAR BETWEEN '-' AND ':' THEN json_extract(traits, '$."company.size"')::DOUBLE END >= 10, FALSE) END END, (ts, message_id)) FILTER (WHERE type = 'identify') AS trait_1_passes,
    ARG_MAX(CASE WHEN type = 'identify' THEN CASE WHEN json_exists(traits, '$."company"') THEN COALESCE(CASE WHEN json_extract(json_extract(traits, '$."company"'), '$."size"')::VARCHAR BETWEEN '-' AND ':' THEN json_extract(json_extract(traits, '$."company"'), '$."size"')::DOUBLE END >= 10, FALSE) END END, (ts, message_id)) FILTER (WHERE type = 'identify') AS trait_1_passes_2,
    ARG_MAX(CASE WHEN event = 'signed_in' THEN COALESCE((json_extract(properties, '$."role"') = '"owner"'::JSON OR json_extract(properties, '$."role"') = '"admin"'::JSON), FALSE) END, (ts, message_id)) FILTER (WHERE event = 'signed_in') AS occurrence_1_passes,
    ARG_MAX(CASE WHEN type = 'identify' THEN CASE WHEN json_exists(traits, '$."tags"') THEN COALESCE((contains(CASE WHEN json_type(json_extract(traits, '$."tags"')) = 'VARCHAR' THEN json_extract(traits, '$."tags"') ->> '$' END, 'it''s') OR CASE WHEN json_type(json_extract(traits, '$."tags"')) = 'ARRAY' THEN len(list_filter(json_extract(json_extract(traits, '$."tags"'), '$[*]'), LAMBDA item: item = '"it''s"'::JSON)) > 0 END), FALSE) END END, (ts, message_id)) FILTER (WHERE type = 'identify') AS trait_2_passes,
    ARG_MIN(CASE WHEN event = 'invited' AND NOT COALESCE(json_extract(properties, '$."via"') = '"link"'::JSON, FALSE) THEN COALESCE(COALESCE(json_extract(properties, '$."by"') <> 'null'::JSON, FALSE), FALSE) END, (ts, message_id)) FILTER (WHERE event = 'invited' AND NOT COALESCE(json_extract(properties, '$."via"') = '"link"'::JSON, FALSE)) AS occurrence_2_passes
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
