import 'server-only'

/** For people, when the database that a process writes to turns out to be an older one than it has seen. */
export const REPLACED_DETAIL =
  'The database was replaced by an older one while Lakeshore was running. Nothing was written to it. Restart Lakeshore to go on with what is there now, or put the newer database back.'

/**
 * For people, when the files of a SQLite database were exchanged under the running process. SQLite would apply the old
 * log to the new file at the next start.
 */
export const OVERWRITTEN_DETAIL =
  'The files of the database were exchanged or written over while Lakeshore was running. Nothing was written since that was noticed. Stop Lakeshore, remove lakeshore.db-wal and lakeshore.db-shm, put a whole copy of the database in place once more, and start again.'
