PREPARE activate (text, text) AS
    INSERT INTO jobs (queue, state) VALUES ($1, 'active') ON CONFLICT (queue) WHERE state = $2 DO NOTHING;
EXECUTE activate('a', 'active');
EXECUTE activate('a', 'active');
EXECUTE activate('a', 'active');
EXECUTE activate('a', 'active');
EXECUTE activate('a', 'active');
EXECUTE activate('a', 'active');
