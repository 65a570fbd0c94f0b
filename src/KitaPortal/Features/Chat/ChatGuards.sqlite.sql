DROP TRIGGER IF EXISTS chat_versions_no_update;
CREATE TRIGGER chat_versions_no_update BEFORE UPDATE ON ChatMessageVersions
BEGIN SELECT RAISE(ABORT, 'chat_versions_append_only'); END;
DROP TRIGGER IF EXISTS chat_versions_no_delete;
CREATE TRIGGER chat_versions_no_delete BEFORE DELETE ON ChatMessageVersions
BEGIN SELECT RAISE(ABORT, 'chat_versions_append_only'); END;
