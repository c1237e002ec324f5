/** Bounds of changes of many tables, for pages as well. */

/** Tables of one change. */
export const MAX_BULK_TABLES = 10_000
/** Properties and tags of one change. */
export const MAX_BULK_CHANGES = 20
/** Tables that a request names one by one. */
export const MAX_NAMED_TABLES = 500
/** Earlier values of a property that are counted one by one. */
export const MAX_BULK_VALUES = 5
/** Cells of the bar of a change, of about as many tables each, and namespaces that the bar names. */
export const MAX_BULK_CELLS = 240
export const MAX_BULK_NAMESPACES = 12
