/** Results of a change for one of its tables. Pages list them, so this file needs no zod. */
export const BULK_TABLE_STATES = [
  'waiting',
  'ready',
  'ready-to-propose',
  'unchanged',
  'failed',
  'unknown',
  /** Not reached when its run was stopped. */
  'left',
  'changed',
  'proposed',
  'undoing',
  'undone',
  'not-undone',
] as const
export type BulkTableState = (typeof BULK_TABLE_STATES)[number]
