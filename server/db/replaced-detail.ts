import 'server-only'

/** For people, when a database server holds an older database than the process has seen. */
export const REPLACED_DETAIL =
  'The database was replaced by an older one while Lakeshore was running. Nothing was written to it. Restart Lakeshore to go on with what is there now, or put the newer database back.'

/**
 * For people, when a SQLite database was exchanged under the running process, however that was noticed. SQLite would
 * apply the old log to the new file at the next start.
 */
export const OVERWRITTEN_DETAIL =
  'The database was exchanged or written over while Lakeshore was running. Nothing was written since that was noticed. Stop every process of Lakeshore, remove lakeshore.db-wal and lakeshore.db-shm, put a whole copy of the database in place once more, and start again.'
