DROP TRIGGER IF EXISTS audit_no_update;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON AuditEntries
BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;
DROP TRIGGER IF EXISTS audit_no_delete;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON AuditEntries
BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;
