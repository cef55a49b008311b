SET ROLE app;
INSERT INTO public.accounts (external_id, name) VALUES ('a', 'b')
ON CONFLICT (owner, external_id) DO UPDATE SET external_id = EXCLUDED.external_id, name = EXCLUDED.name;
RESET ROLE;
