DROP TRIGGER IF EXISTS register_no_update;
CREATE TRIGGER register_no_update BEFORE UPDATE ON RegisterEntries
BEGIN SELECT RAISE(ABORT, 'register_append_only'); END;
-- Rows go only after their year was disposed of, which is written down for good, and only of what came back.
DROP TRIGGER IF EXISTS register_no_delete;
CREATE TRIGGER register_no_delete BEFORE DELETE ON RegisterEntries
WHEN NOT EXISTS (SELECT 1 FROM AuditEntries WHERE SubjectKind = 'lending-register' AND SubjectId = CAST(OLD.FiscalYear AS TEXT) AND Action = 'register.disposed')
  OR NOT EXISTS (SELECT 1 FROM RegisterEntries WHERE LoanId = OLD.LoanId AND Kind = 'In')
BEGIN SELECT RAISE(ABORT, 'register_append_only'); END;
