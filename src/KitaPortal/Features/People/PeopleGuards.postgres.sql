-- One main posting (本務) on each day: the database's own word on rule 職-2.
CREATE EXTENSION IF NOT EXISTS btree_gist;
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'posting_main_overlap') THEN
    ALTER TABLE "Postings" ADD CONSTRAINT posting_main_overlap
      EXCLUDE USING gist ("StaffId" WITH =, daterange("From", "To", '[)') WITH &&) WHERE ("Kind" = 'Main');
  END IF;
END $$;
