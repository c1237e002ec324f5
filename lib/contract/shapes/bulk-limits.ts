/** Bounds of changes of many tables, for pages as well. */

/** Tables of one change. */
export const MAX_BULK_TABLES = 10_000
/** Properties and tags of one change. */
export const MAX_BULK_CHANGES = 20
/** Tables that a request names one by one. */
export const MAX_NAMED_TABLES = 500
