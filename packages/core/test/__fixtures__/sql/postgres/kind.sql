-- segment kind at 1785542400000
--   owner: trait company.size at least 10, and the last signed_in has role one of 'owner', 'admin'
--   member: trait tags containing 'it\'s', or the first invited with via not 'link' has by set
WITH seen AS (
  SELECT
    profile,
    (ARRAY_AGG(CASE WHEN ((traits -> 'company.size') IS NOT NULL) THEN COALESCE(CASE WHEN jsonb_typeof((traits -> 'company.size')::JSONB) = 'number' THEN (traits -> 'company.size')::JSONB::NUMERIC END >= 10, FALSE) END ORDER BY ts DESC, message_id COLLATE "C" DESC) FILTER (WHERE type = 'identify' AND CASE WHEN ((traits -> 'company.size') IS NOT NULL) THEN COALESCE(CASE WHEN jsonb_typeof((traits -> 'company.size')::JSONB) = 'number' THEN (traits -> 'company.size')::JSONB::NUMERIC END >= 10, FALSE) END IS NOT NULL))[1] AS trait_1_passes,
    (ARRAY_AGG(CASE WHEN ((traits -> 'company') IS NOT NULL) THEN COALESCE(CASE WHEN jsonb_typeof(((traits -> 'company')::JSONB -> 'size')::JSONB) = 'number' THEN ((traits -> 'company')::JSONB -> 'size')::JSONB::NUMERIC END >= 10, FALSE) END ORDER BY ts DESC, message_id COLLATE "C" DESC) FILTER (WHERE type = 'identify' AND CASE WHEN ((traits -> 'company') IS NOT NULL) THEN COALESCE(CASE WHEN jsonb_typeof(((traits -> 'company')::JSONB -> 'size')::JSONB) = 'number' THEN ((traits -> 'company')::JSONB -> 'size')::JSONB::NUMERIC END >= 10, FALSE) END IS NOT NULL))[1] AS trait_1_passes_2,
    (ARRAY_AGG(COALESCE(((properties -> 'role')::JSONB = '"owner"'::JSONB OR (properties -> 'role')::JSONB = '"admin"'::JSONB), FALSE) ORDER BY ts DESC, message_id COLLATE "C" DESC) FILTER (WHERE event = 'signed_in' AND COALESCE(((properties -> 'role')::JSONB = '"owner"'::JSONB OR (properties -> 'role')::JSONB = '"admin"'::JSONB), FALSE) IS NOT NULL))[1] AS occurrence_1_passes,
    (ARRAY_AGG(CASE WHEN ((traits -> 'tags') IS NOT NULL) THEN COALESCE((STRPOS(CASE WHEN jsonb_typeof((traits -> 'tags')::JSONB) = 'string' THEN (traits -> 'tags')::JSONB #>> '{}' END COLLATE "C", 'it''s') > 0 OR EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof((traits -> 'tags')::JSONB) = 'array' THEN (traits -> 'tags')::JSONB END) AS items (item) WHERE item = '"it''s"'::JSONB)), FALSE) END ORDER BY ts DESC, message_id COLLATE "C" DESC) FILTER (WHERE type = 'identify' AND CASE WHEN ((traits -> 'tags') IS NOT NULL) THEN COALESCE((STRPOS(CASE WHEN jsonb_typeof((traits -> 'tags')::JSONB) = 'string' THEN (traits -> 'tags')::JSONB #>> '{}' END COLLATE "C", 'it''s') > 0 OR EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof((traits -> 'tags')::JSONB) = 'array' THEN (traits -> 'tags')::JSONB END) AS items (item) WHERE item = '"it''s"'::JSONB)), FALSE) END IS NOT NULL))[1] AS trait_2_passes,
    (ARRAY_AGG(COALESCE(COALESCE((properties -> 'by')::JSONB <> 'null'::JSONB, FALSE), FALSE) ORDER BY ts, message_id COLLATE "C") FILTER (WHERE event = 'invited' AND NOT COALESCE((properties -> 'via')::JSONB = '"link"'::JSONB, FALSE) AND COALESCE(COALESCE((properties -> 'by')::JSONB <> 'null'::JSONB, FALSE), FALSE) IS NOT NULL))[1] AS occurrence_2_passes
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
