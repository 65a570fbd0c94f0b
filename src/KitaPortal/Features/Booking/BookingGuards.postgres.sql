-- The last line against double booking: no two active occupancies of one device overlap.
CREATE EXTENSION IF NOT EXISTS btree_gist;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'occupancy_overlap') THEN
    ALTER TABLE "Occupancies" ADD CONSTRAINT occupancy_overlap EXCLUDE USING gist
      ("DeviceId" WITH =, tstzrange("From", "To", '[)') WITH &&) WHERE ("Active");
  END IF;
END $$;
