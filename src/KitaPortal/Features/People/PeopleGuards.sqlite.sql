-- One main posting (本務) on each day: the database's own word on rule 職-2.
DROP TRIGGER IF EXISTS posting_main_overlap_insert;
CREATE TRIGGER posting_main_overlap_insert BEFORE INSERT ON Postings WHEN NEW.Kind = 'Main'
BEGIN
  SELECT RAISE(ABORT, 'posting_main_overlap') WHERE EXISTS (
    SELECT 1 FROM Postings p WHERE p.StaffId = NEW.StaffId AND p.Kind = 'Main' AND p.Id <> NEW.Id
      AND (NEW."To" IS NULL OR p."From" < NEW."To") AND (p."To" IS NULL OR NEW."From" < p."To"));
END;
DROP TRIGGER IF EXISTS posting_main_overlap_update;
CREATE TRIGGER posting_main_overlap_update BEFORE UPDATE ON Postings WHEN NEW.Kind = 'Main'
BEGIN
  SELECT RAISE(ABORT, 'posting_main_overlap') WHERE EXISTS (
    SELECT 1 FROM Postings p WHERE p.StaffId = NEW.StaffId AND p.Kind = 'Main' AND p.Id <> NEW.Id
      AND (NEW."To" IS NULL OR p."From" < NEW."To") AND (p."To" IS NULL OR NEW."From" < p."To"));
END;
