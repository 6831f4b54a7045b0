// What holds for every MTA that is given a file or the database.
import { type DracFacts, type MapFacts, missedNetworks } from './facts.ts'

/** For ways that read a map file. */
export const fileNotes = (facts: DracFacts, map: MapFacts): string[] => [
  `${map.path} does not expire by itself: after a crash of dracd it goes on permitting until dracd runs again; "drac check" tells`,
  ...networkNotes(facts),
]

/** For ways that ask for single addresses. */
export const networkNotes = (facts: DracFacts): string[] => {
  const missed = missedNetworks(facts)
  return missed === undefined ? [] : [missed]
}

/** For ways that read the database. @param user whom the MTA reads it as */
export const databaseNotes = (facts: DracFacts, user: string): string[] => [
  `${user} must be able to read ${facts.store} and what SQLite keeps beside it; dracd makes them 0640 in a directory of 0750`,
  ...networkNotes(facts),
]

/** Lets a group read the database and what is made beside it later: the group sticks to the directory. */
export function groupCommands({ store }: DracFacts, group: string): string[] {
  const directory = store.slice(0, store.lastIndexOf('/'))
  return [`chgrp ${group} ${directory} ${store}*`, `chmod g+s ${directory}`]
}

export const FILE_DOWN = 'nobody relays after a clean stop; after a crash the clients in the file go on relaying'
export const DATABASE_DOWN = 'clients relay until their login expires; then nobody does'
