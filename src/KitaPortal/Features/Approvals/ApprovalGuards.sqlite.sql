DROP TRIGGER IF EXISTS approval_acts_no_update;
CREATE TRIGGER approval_acts_no_update BEFORE UPDATE ON ApprovalActs
BEGIN SELECT RAISE(ABORT, 'approval_acts_append_only'); END;
DROP TRIGGER IF EXISTS approval_acts_no_delete;
CREATE TRIGGER approval_acts_no_delete BEFORE DELETE ON ApprovalActs
BEGIN SELECT RAISE(ABORT, 'approval_acts_append_only'); END;
