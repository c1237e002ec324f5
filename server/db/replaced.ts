import 'server-only'

/** For people, when the database that a process writes to turns out to be an older one than it has seen. */
export const REPLACED_DETAIL =
  'The database was replaced by an older one while Lakeshore was running. Nothing was written to it. Restart Lakeshore to go on with what is there now, or put the newer database back.'
