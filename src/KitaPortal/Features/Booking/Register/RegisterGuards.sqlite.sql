DROP TRIGGER IF EXISTS register_no_update;
CREATE TRIGGER register_no_update BEFORE UPDATE ON RegisterEntries
BEGIN SELECT RAISE(ABORT, 'register_append_only'); END;
DROP TRIGGER IF EXISTS register_no_delete;
CREATE TRIGGER register_no_delete BEFORE DELETE ON RegisterEntries
BEGIN SELECT RAISE(ABORT, 'register_append_only'); END;
