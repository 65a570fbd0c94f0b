CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'ledger_append_only' USING ERRCODE = 'raise_exception'; END $$;
CREATE OR REPLACE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON "LedgerEntries"
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
