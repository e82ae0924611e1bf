-- The quiet answers of an introduction, as what is read of it has them; null where there are none.
CREATE FUNCTION quiet_answers(of_introduction text) RETURNS jsonb LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT jsonb_agg(jsonb_build_object('who', who, 'answer', answer, 'at', answered_at) ORDER BY who)
    FROM sealed_answers WHERE introduction_id = of_introduction;
END;
