-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    ARG_MAX(COALESCE(CASE WHEN json_type(json_extract(traits, '$."company.size"')) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN json_extract(traits, '$."company.size"')::DOUBLE END >= 10, FALSE), (ts, message_id)) FILTER (WHERE type = 'identify' AND json_exists(traits, '$."company.size"')) AS trait_1_is,
    ARG_MAX(COALESCE(CASE WHEN json_type(json_extract(json_extract(traits, '$."company"'), '$."size"')) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN json_extract(json_extract(traits, '$."company"'), '$."size"')::DOUBLE END >= 10, FALSE), (ts, message_id)) FILTER (WHERE type = 'identify' AND json_exists(traits, '$."company"')) AS trait_1_is_2,
    ARG_MAX(COALESCE((json_extract(properties, '$."role"') = '"owner"'::JSON OR json_extract(properties, '$."role"') = '"admin"'::JSON), FALSE), (ts, message_id)) FILTER (WHERE event = 'signed_in') AS occurrence_1,
    ARG_MAX(COALESCE((contains(CASE WHEN json_type(json_extract(traits, '$."tags"')) = 'VARCHAR' THEN json_extract(traits, '$."tags"') ->> '$' END, 'it''s') OR CASE WHEN json_type(json_extract(traits, '$."tags"')) = 'ARRAY' THEN len(list_filter(json_extract(json_extract(traits, '$."tags"'), '$[*]'), LAMBDA item: item = '"it''s"'::JSON)) > 0 END), FALSE), (ts, message_id)) FILTER (WHERE type = 'identify' AND json_exists(traits, '$."tags"')) AS trait_2_is,
    ARG_MIN(COALESCE(COALESCE(json_extract(properties, '$."by"') <> 'null'::JSON, FALSE), FALSE), (ts, message_id)) FILTER (WHERE event = 'invited' AND NOT COALESCE(json_extract(properties, '$."via"') = '"link"'::JSON, FALSE)) AS occurrence_2
  FROM waymark_events
  WHERE ts <= 1785542400000
  GROUP BY profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- trait company.size at least 10
    COALESCE(trait_1_is, trait_1_is_2, FALSE) AS trait_1,
    -- the last signed_in has role one of 'owner', 'admin'
    COALESCE(occurrence_1, FALSE) AS occurrence_1,
    -- trait tags containing 'it\'s'
    COALESCE(trait_2_is, FALSE) AS trait_2,
    -- the first invited with via not 'link' has by set
    COALESCE(occurrence_2, FALSE) AS occurrence_2
  FROM seen AS s
)
SELECT
  profile,
  CASE
    WHEN (trait_1 AND occurrence_1) THEN 'owner'
    WHEN (trait_2 OR occurrence_2) THEN 'member'
  END AS member
FROM truths
