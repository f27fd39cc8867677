-- A busy queue as SQLite's planner should see it: rows in the table, then rows per distinct prefix of each index.
DELETE FROM sqlite_stat1 WHERE tbl = 'Jobs';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('Jobs', 'sqlite_autoindex_Jobs_1', '1000000 1'),
    ('Jobs', 'LIdx', '1000000 250000'),
    ('Jobs', 'idx_jobs_status_run_at', '1000000 250000 10'),
    ('Jobs', 'idx_jobs_job_type_status_run_at', '1000000 50000 50000 10'),
    ('Jobs', 'idx_jobs_idempotency_key', '1000000 50000 1'),
    ('Jobs', 'idx_jobs_claimable', '1000000 250000 100000'),
    ('Jobs', 'idx_jobs_running', '100 1'),
    ('Jobs', 'idx_jobs_completed_done_at', '900000 300000 10 10'),
    ('Jobs', 'idx_jobs_pending', '100000 10000 5000 10 1'),
    ('Jobs', 'idx_jobs_failed', '10000 1000 500 10 1');
ANALYZE sqlite_schema;
