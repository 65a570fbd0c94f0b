DROP TRIGGER IF EXISTS ledger_no_update;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON LedgerEntries
BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
DROP TRIGGER IF EXISTS ledger_no_delete;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON LedgerEntries
BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
