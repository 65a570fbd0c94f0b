CREATE OR REPLACE FUNCTION approval_acts_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'approval_acts_append_only' USING ERRCODE = 'raise_exception'; END $$;
CREATE OR REPLACE TRIGGER approval_acts_append_only BEFORE UPDATE OR DELETE ON "ApprovalActs"
  FOR EACH ROW EXECUTE FUNCTION approval_acts_append_only();
