CREATE OR REPLACE FUNCTION register_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'register_append_only' USING ERRCODE = 'raise_exception'; END $$;
CREATE OR REPLACE TRIGGER register_append_only BEFORE UPDATE OR DELETE ON "RegisterEntries"
  FOR EACH ROW EXECUTE FUNCTION register_append_only();
