PREPARE activate (text) AS
    INSERT INTO jobs (queue, state) VALUES ($1, 'active') ON CONFLICT (queue) WHERE state = 'active' DO NOTHING;
EXECUTE activate('a');
EXECUTE activate('a');
EXECUTE activate('a');
EXECUTE activate('a');
EXECUTE activate('a');
EXECUTE activate('a');
