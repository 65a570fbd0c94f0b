-- Rows go only after their year was disposed of, which is written down for good, and only of what came back.
CREATE OR REPLACE FUNCTION register_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM "AuditEntries" WHERE "SubjectKind" = 'lending-register' AND "SubjectId" = OLD."FiscalYear"::text AND "Action" = 'register.disposed')
    AND EXISTS (SELECT 1 FROM "RegisterEntries" WHERE "LoanId" = OLD."LoanId" AND "Kind" = 'In') THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'register_append_only' USING ERRCODE = 'raise_exception';
END $$;
CREATE OR REPLACE TRIGGER register_append_only BEFORE UPDATE OR DELETE ON "RegisterEntries"
  FOR EACH ROW EXECUTE FUNCTION register_append_only();
