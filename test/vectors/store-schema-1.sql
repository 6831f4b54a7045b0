-- A store as dracd of schema 1 left it: the tables that it made, two authorizations, a login.
  CREATE TABLE authorization (
    address    TEXT PRIMARY KEY,
    expiry     INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    source     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE login (
    address   TEXT NOT NULL,
    user      TEXT NOT NULL,
    source    INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    note      TEXT,
    PRIMARY KEY (address, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX login_user ON login (user);

  CREATE TABLE source (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE width (
    family INTEGER NOT NULL,
    width  INTEGER NOT NULL,
    PRIMARY KEY (family, width)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value ANY
  ) STRICT, WITHOUT ROWID;

  CREATE VIEW relay (address, expiry) AS SELECT address, expiry FROM authorization;

INSERT INTO source VALUES (1, 'drac-rpc 127.0.0.1'), (2, 'permit by root');
INSERT INTO authorization VALUES ('192.0.2.25', 1790001800, 1790000000, 1790000060, 1);
INSERT INTO authorization VALUES ('2001:db8::/64', 1790000900, 1790000000, 1790000000, 2);
INSERT INTO login VALUES ('192.0.2.25', 'ann', 1, 1790000060, 'by phone');
INSERT INTO width VALUES (6, 64);
PRAGMA application_id = 1146241347;
PRAGMA user_version = 1;
