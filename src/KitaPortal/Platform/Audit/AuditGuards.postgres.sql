CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_append_only' USING ERRCODE = 'raise_exception'; END $$;
CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON "AuditEntries"
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
