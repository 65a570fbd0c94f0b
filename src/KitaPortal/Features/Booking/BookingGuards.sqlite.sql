-- The last line against double booking: no two active occupancies of one device overlap.
DROP TRIGGER IF EXISTS occupancy_overlap_insert;
CREATE TRIGGER occupancy_overlap_insert BEFORE INSERT ON Occupancies WHEN NEW.Active = 1 AND NEW.DeviceId IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap') WHERE EXISTS (SELECT 1 FROM Occupancies o WHERE o.DeviceId = NEW.DeviceId
  AND o.Active = 1 AND o.Id <> NEW.Id AND o."From" < NEW."To" AND o."To" > NEW."From"); END;
DROP TRIGGER IF EXISTS occupancy_overlap_update;
CREATE TRIGGER occupancy_overlap_update BEFORE UPDATE OF DeviceId, "From", "To", Active ON Occupancies WHEN NEW.Active = 1 AND NEW.DeviceId IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap') WHERE EXISTS (SELECT 1 FROM Occupancies o WHERE o.DeviceId = NEW.DeviceId
  AND o.Active = 1 AND o.Id <> NEW.Id AND o."From" < NEW."To" AND o."To" > NEW."From"); END;
