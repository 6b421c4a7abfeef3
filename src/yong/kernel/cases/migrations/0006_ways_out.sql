-- A request that waits when its case ends has lapsed: nobody can grant it any more.
ALTER TABLE cases.request DROP CONSTRAINT request_answer_check;
ALTER TABLE cases.request ADD CONSTRAINT request_answer_check CHECK (answer IN ('granted', 'refused', 'lapsed'));
UPDATE cases.request r SET answer = 'lapsed', answered_at = now()
FROM cases.case_file c WHERE c.id = r.case_id AND c.state IN ('closed', 'merged') AND r.answer IS NULL;

-- Units that have a task of the case beside the one that handles it: they see it for as long.
ALTER TABLE cases.case_file ADD COLUMN beside text[] NOT NULL DEFAULT '{}';
UPDATE cases.case_file c SET beside = t.parties
FROM (SELECT case_id, array_agg(DISTINCT party ORDER BY party) AS parties FROM cases.task
      WHERE state = 'open' AND party IS NOT NULL GROUP BY case_id) t
WHERE t.case_id = c.id AND NOT t.parties <@ ARRAY[c.handler_id];
UPDATE cases.case_file SET beside = array_remove(beside, handler_id) WHERE beside <> '{}';
