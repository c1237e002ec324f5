import type { AsOf } from '@/lib/iceberg/as-of'

/** Values of the contract that pages use before any request: this file needs no zod, so a page loads without it. */

/** Name the build of the console that a response and a page are of: pages know the shapes of their own build. */
export const BUILD_HEADER = 'x-lakeshore-build'
export const BUILD_META = 'lakeshore-build'
/** The state of a user whose request was refused for it: `disabled`. */
export const USER_STATE_HEADER = 'x-lakeshore-user-state'

/** The states of a run that has ended. */
export const ENDED_STATES = ['succeeded', 'failed', 'cancelled'] as const

/** Candidates for a layout that are compared at once. */
export const MAX_LAYOUT_CANDIDATES = 3

/** The metrics of the first columns of a table are added up, not of more. */
export const MAX_SUMMARIZED_COLUMNS = 12

/** Number of days in the chart of commits per day. */
export const RHYTHM_DAYS = 30

/** Orders of the contents of a namespace: by the names of all entries, whatever their kind. */
export const CONTENT_SORTS = ['name', '-name'] as const
export type ContentSort = (typeof CONTENT_SORTS)[number]

/** A catalog on another server is asked for no further page of names once it returned so many of a kind. */
export const MAX_REMOTE_NAMES = 10_000

/** Hours of the last week, and days of the others. */
export const GROWTH_RANGES = ['7d', '30d', '1y'] as const

export const INGESTION_SPLITS = ['writer', 'table', 'operation', 'partition'] as const
export const INGESTION_MEASURES = ['rows', 'bytes', 'files', 'commits'] as const
export const INGESTION_STEPS = ['hour', 'day', 'week'] as const

/** In characters. The maximum bounds the work of checking a password. */
export const PASSWORD_CHARS = { min: 8, max: 256 } as const

/** Allowed lifetimes of a token; the form offers `choices`. */
export const TOKEN_LIFETIME_DAYS = { min: 1, max: 365, default: 90, choices: [7, 30, 90, 180, 365] } as const

/** How an entry of the audit ended. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed', 'found-done', 'not-committed', 'unknown'] as const

/** The ways in that the audit can be filtered by. */
export const AUDIT_SOURCES = ['console', 'engine', 'job', 'command-line', 'demo', 'server'] as const

/** Entries of one export of the audit. */
export const MAX_EXPORTED_AUDIT_ENTRIES = 200_000

/** Used in place of a user name: the tokens of all users. */
export const ALL_USERS = '*'

/** The name of a catalog, in URLs and in SQL. */
export const CATALOG_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
export const CATALOG_NAME_RULE = 'A name has at most 64 letters, digits, _ and -, and starts with a letter or a digit.'

/** The name that an operator gave a location that files may be loaded from. */
export const LOAD_LOCATION_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Schedules of all users together, and of one user who is not an admin. */
export const MAX_SCHEDULES = 500
export const MAX_OWN_SCHEDULES = 20
/** Tables whose changes queue a run of one schedule. */
export const MAX_WATCHED_TABLES = 10
export const MAX_SCHEDULE_NAME_CHARS = 100

/** The files of one load; all become one snapshot. */
export const MAX_LOADED_FILES = 1_000
/** Files and folders of a location on one page. */
export const LOCATION_PAGE_ENTRIES = 200

/** The label of a connection, next to the names of its tables. The colours are those of series in charts. */
export const CATALOG_LABEL_COLORS = ['teal', 'sand', 'blue', 'clay', 'plum', 'pine'] as const
export const MAX_CATALOG_LABEL_CHARS = 24

/** Paths of the endpoints that do not respond with JSON. */
export const FILE_BYTES_PATH = '/api/v1/scans/:token/files/:index'
export const DELETE_BYTES_PATH = '/api/v1/scans/:token/deletes/:index'
export const SNAPSHOT_FILE_BYTES_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/files/bytes'
export const QUERY_RUNS_PATH = '/api/v1/query-runs'
export const METADATA_ROWS_PATH =
  '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/metadata-tables/:name/rows'
export const HISTORY_ROWS_PATH = '/api/v1/history-tables/:name/rows'
/** Rows of the collected history in one response, and in one query. */
export const MAX_HISTORY_PAGE_ROWS = 20_000
export const MAX_HISTORY_ROWS = 1_000_000
/** Files are sent there by tus, which is not in the contract. */
export const UPLOADS_PATH = '/api/v1/uploads'
export const REJECTED_RECORDS_PATH = '/api/v1/jobs/runs/:run/rejected-records'
export const RUN_EVENTS_PATH = '/api/v1/jobs/events'
/** Sent by every page of a table or a view. */
export const RECORD_VISIT_PATH = '/api/v1/shortcuts/visits'

/** Visited tables and views that are stored for a user. */
export const MAX_VISITS = 20

/** An as-of as input fields: the inverse of `asOfFromInput`. */
export function asOfToInput(asOf: AsOf): { ref?: string; snapshot?: string; at?: number } {
  return {
    ...(asOf.ref !== undefined && { ref: asOf.ref }),
    ...(asOf.snapshotId !== undefined && { snapshot: asOf.snapshotId }),
    ...(asOf.atMs !== undefined && { at: asOf.atMs }),
  }
}

/** For how many hours the old secret of a rotated token may still be accepted. */
export const TOKEN_OVERLAP_HOURS = [0, 1, 24] as const
export type TokenOverlapHours = (typeof TOKEN_OVERLAP_HOURS)[number]

/** Corrections of a load that an answer lists, the newest ones. */
export const MAX_LISTED_CORRECTIONS = 20

/** How long the bytes of a load are remembered, so that a repetition is noticed. */
export const LOADED_BYTES_DAYS = 30
