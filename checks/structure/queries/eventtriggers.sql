SELECT e.oid, e.evtname, e.evtevent, e.evtfoid::pg_catalog.regproc::text, e.evttags, e.evtenabled, e.evtowner
FROM pg_catalog.pg_event_trigger e;
