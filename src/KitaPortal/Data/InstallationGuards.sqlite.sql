DROP TRIGGER IF EXISTS installation_kind_fixed;
CREATE TRIGGER installation_kind_fixed BEFORE UPDATE OF Id, Kind, CreatedAt ON Installation
WHEN OLD.Id IS NOT NEW.Id OR OLD.Kind IS NOT NEW.Kind OR OLD.CreatedAt IS NOT NEW.CreatedAt
BEGIN SELECT RAISE(ABORT, 'installation_kind_fixed'); END;
DROP TRIGGER IF EXISTS installation_no_delete;
CREATE TRIGGER installation_no_delete BEFORE DELETE ON Installation
BEGIN SELECT RAISE(ABORT, 'installation_kind_fixed'); END;
