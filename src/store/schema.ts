// The tables, and how an older file becomes a newer one.
import type { DatabaseSync } from 'node:sqlite'
import { configError } from '../lib/errors.ts'

/** "DRAC": tells `file` and us whose database this is (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x44524143

/**
 * Step n leads from user_version n to n + 1. A step that has been released is never changed: what must change is a new step.
 *
 * `authorization` is as narrow as can be, because each login rewrites one of its pages: the source is a number, users
 * stand in `login`. Times are seconds since the epoch. The view `relay` is what mail servers read.
 */
const STEPS: readonly string[] = [
  `
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
  `,
  // Who is connected: core/session.ts. "key" is the authorization's address.
  `
  CREATE TABLE session (
    id          TEXT PRIMARY KEY,
    key         TEXT NOT NULL,
    client      TEXT NOT NULL,
    user        TEXT,
    source      INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    floor       INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE revocation (
    key TEXT PRIMARY KEY,
    at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]

export const SCHEMA_VERSION = STEPS.length

/** Brings the file up to date, all steps or none. Throws `config` for a newer file and for somebody else's database. */
export function migrate(db: DatabaseSync, path: string): void {
  const version = pragma(db, 'user_version')
  if (version === SCHEMA_VERSION && pragma(db, 'application_id') === APPLICATION_ID) return
  refuseForeign(db, path, version)
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of STEPS.slice(version)) db.exec(step)
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA application_id = ${APPLICATION_ID}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function refuseForeign(db: DatabaseSync, path: string, version: number): void {
  const { objects } = db.prepare('SELECT count(*) AS objects FROM sqlite_schema').get() as { objects: number }
  if (objects > 0 && pragma(db, 'application_id') !== APPLICATION_ID) {
    throw configError(
      'DRAC_STORE_FOREIGN',
      `${path} is a database of another program; name another state_directory, or move the file away`,
    )
  }
  if (version <= SCHEMA_VERSION) return
  throw configError(
    'DRAC_STORE_NEWER',
    `${path} was written by a newer drac (schema ${version}, this one knows ${SCHEMA_VERSION}); ` +
      'install that version again, or move the file away to start empty',
  )
}

function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number
}
