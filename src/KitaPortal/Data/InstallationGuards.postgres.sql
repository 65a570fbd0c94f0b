CREATE OR REPLACE FUNCTION installation_kind_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'UPDATE' AND NEW."Id" = OLD."Id" AND NEW."Kind" = OLD."Kind" AND NEW."CreatedAt" = OLD."CreatedAt" THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'installation_kind_fixed' USING ERRCODE = 'raise_exception';
END $$;
CREATE OR REPLACE TRIGGER installation_kind_fixed BEFORE UPDATE OR DELETE ON "Installation"
  FOR EACH ROW EXECUTE FUNCTION installation_kind_fixed();
