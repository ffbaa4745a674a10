PRAGMA user_version = 0;
BEGIN TRANSACTION;
CREATE TABLE discarded (
    id TEXT PRIMARY KEY,
    discarded_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    topic TEXT NOT NULL,
    district TEXT, school TEXT, gateway TEXT, epoch TEXT, seq INTEGER,
    readings INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE entry (
    id TEXT PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    district TEXT, school TEXT, gateway TEXT, epoch TEXT, seq INTEGER,
    readings INTEGER NOT NULL,
    reason TEXT NOT NULL,
    payload BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO "entry" VALUES('0123456789abcdef',1790000000000,'campus/v1/120116/2112000001/gw1/readings','120116','2112000001','gw1','8efbcf62581cf7da',3,2,'cannot read batch',X'7B2276223A312C226E6F74223A227265616461626C65227D');
CREATE TABLE used (school TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "used" VALUES('2112000001',24);
CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
    INSERT INTO used VALUES (coalesce(new.school, ''), length(new.payload))
    ON CONFLICT (school) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER entry_removed AFTER DELETE ON entry BEGIN
    UPDATE used SET bytes = bytes - length(old.payload) WHERE school = coalesce(old.school, '');
END;
COMMIT;
