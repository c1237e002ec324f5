import 'server-only'

/** For people, when a database server has an older database than this process has seen. */
export const REPLACED_DETAIL =
  'The database was replaced by an older one while Lakeshore was running. Nothing was written to it. Restart Lakeshore to use the older database, or restore the newer one.'

/**
 * For people, when a SQLite database was replaced under the running process, however that was noticed. SQLite would
 * apply the old log to the new file at the next start.
 */
export const OVERWRITTEN_DETAIL =
  'The database file was replaced or overwritten while Lakeshore was running. Lakeshore has written nothing since it noticed. Stop every Lakeshore process, remove lakeshore.db-wal and lakeshore.db-shm, restore a complete copy of the database, and start again.'
