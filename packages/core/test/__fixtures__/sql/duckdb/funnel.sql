-- segment funnel at 1785542400000
--   set up: did signed_up then step_completed without step_skipped in between then invited within 7d
--   started: did signed_up then step_completed
WITH sequence_1_start_1 AS (
  SELECT
    profile,
    ts,
    ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ts, message_id) AS place,
    (event = 'signed_up') AS step_1,
    (event = 'step_completed') AS step_2,
    (event = 'invited') AS step_3,
    ((event = 'step_skipped')) AS bar_1,
    CASE WHEN event = 'signed_up' THEN ts END AS start_1
  FROM waymark_events
  WHERE ts <= 1785542400000 AND ((event = 'signed_up') OR (event = 'step_completed') OR (event = 'invited') OR ((event = 'step_skipped')))
),
sequence_1_start_2 AS (
  SELECT
    *,
    CASE
      WHEN step_2
        AND MAX(CASE WHEN start_1 IS NOT NULL THEN place END) OVER (PARTITION BY profile ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) >= COALESCE(MAX(CASE WHEN bar_1 THEN place END) OVER (PARTITION BY profile ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
      THEN MAX(start_1) OVER (PARTITION BY profile ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    END AS start_2
  FROM sequence_1_start_1
),
sequence_1_start_3 AS (
  SELECT
    *,
    CASE
      WHEN step_3
      THEN MAX(start_2) OVER (PARTITION BY profile ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    END AS start_3
  FROM sequence_1_start_2
),
sequence_1 AS (
  SELECT
    profile,
    MIN(place) AS done
  FROM sequence_1_start_3
  WHERE ts - start_3 < 604800000
  GROUP BY profile
),
sequence_2_start_1 AS (
  SELECT
    profile,
    ts,
    message_id,
    (event = 'signed_up') AS step_1,
    (event = 'step_completed') AS step_2,
    CASE WHEN event = 'signed_up' THEN ts END AS start_1
  FROM waymark_events
  WHERE ts <= 1785542400000 AND ((event = 'signed_up') OR (event = 'step_completed'))
),
sequence_2_start_2 AS (
  SELECT
    *,
    CASE
      WHEN step_2
      THEN MAX(start_1) OVER (PARTITION BY profile ORDER BY ts, message_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    END AS start_2
  FROM sequence_2_start_1
),
sequence_2 AS (
  SELECT
    profile,
    MIN(ts) AS done
  FROM sequence_2_start_2
  WHERE start_2 IS NOT NULL
  GROUP BY profile
),
seen AS (
  SELECT
    profile
  FROM waymark_events
  WHERE ts <= 1785542400000
  GROUP BY profile
),
truths AS (
  SELECT
    s.profile AS profile,
    -- did signed_up then step_completed without step_skipped in between then invited within 7d
    (sequence_1.done IS NOT NULL) AS in_sequence_1,
    -- did signed_up then step_completed
    (sequence_2.done IS NOT NULL) AS in_sequence_2
  FROM seen AS s
    LEFT JOIN sequence_1 ON sequence_1.profile = s.profile
    LEFT JOIN sequence_2 ON sequence_2.profile = s.profile
)
SELECT
  profile,
  CASE
    WHEN in_sequence_1 THEN 'set up'
    WHEN in_sequence_2 THEN 'started'
  END AS member
FROM truths
