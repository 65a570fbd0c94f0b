CREATE OR REPLACE FUNCTION chat_versions_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'chat_versions_append_only' USING ERRCODE = 'raise_exception'; END $$;
CREATE OR REPLACE TRIGGER chat_versions_append_only BEFORE UPDATE OR DELETE ON "ChatMessageVersions"
  FOR EACH ROW EXECUTE FUNCTION chat_versions_append_only();
