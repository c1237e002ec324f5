import * as z from 'zod'
import { HISTORY_ORDERS, HISTORY_TABLE_NAMES } from '@/lib/facts/history-table-names'
import { endpoint } from '../endpoint'
import { fieldOnWire } from '../shapes/iceberg-shapes'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { HISTORY_ROWS_PATH, MAX_HISTORY_PAGE_ROWS } from '../shapes/plain-values'
import { problem } from '../shapes/problem'
import { count, intInQuery } from '../shapes/wire'
import { whereOnWire } from '../table/scan'

const selection = z.object({
  name: z.enum(HISTORY_TABLE_NAMES),
  /** Which rows: an `Expression` of Iceberg’s REST catalog as JSON text, as for scans. */
  where: whereOnWire.optional(),
})

export const getHistoryTable = endpoint({
  summary: 'Describes a table of the collected history, which SQL reads as `lakeshore.commits`',
  description: `\`commits\` has a row for each fact of a table, \`files_daily\` a row for each table, UTC day, term and operation, and \`columns_daily\` a row for each table, UTC day and column whose bytes changed. Only rows of tables that the caller may read are in them, and counted. An estimated \`rowCount\` is counted for a moment only, and \`facts\` are all that the histories of the tables ever had.`,
  method: 'GET',
  path: '/api/v1/history-tables/:name',
  permission: 'signed-in',
  input: selection.extend({ rowCount: z.enum(['facts', 'estimated', 'exact']).default('estimated') }),
  output: z.object({
    fields: z.array(fieldOnWire),
    /** The column by which rows can be ordered; null if there is none. */
    timeColumn: z.string().nullable(),
    rowCount: count,
    /** Whether there are so many rows, or, where there are more than a query reads, at least so many. */
    isExact: z.boolean(),
    /** A query reads at most so many rows. */
    maxRows: count,
  }),
})

/** A line of the rows of a history table. */
export const historyRowsLine = z.union([
  z.object({
    rowCount: count,
    /** An Arrow IPC stream of these rows. */
    arrow: z.base64().optional(),
  }),
  z.object({
    isEnd: z.literal(true),
    rowCount: count,
    /** Where the next page begins; left out after the last one. */
    next: z.string().optional(),
  }),
  z.object({ problem }),
])

export const readHistoryRows = endpoint({
  summary: 'Returns a page of rows of a history table as lines of JSON',
  description: `Each line has some rows as an Arrow IPC stream in base64: \`{"rowCount": 500, "arrow": "…"}\`. The last one is \`{"isEnd": true, "rowCount": 1234, "next": "…"}\`, or \`{"problem": {…}}\` if reading failed. Without a last line the rows are not complete. A page has at most ${MAX_HISTORY_PAGE_ROWS.toLocaleString('en')} rows, and fewer, also none, where finding them takes long; \`after\` is the \`next\` of the page before. Ranges do not apply.`,
  method: 'GET',
  path: HISTORY_ROWS_PATH,
  permission: 'signed-in',
  input: selection.extend({
    /** Names of the columns, separated by commas. */
    columns: z.string().min(1).max(MAX_URL_TEXT_CHARS),
    order: z.enum(HISTORY_ORDERS).default('any'),
    limit: intInQuery.pipe(z.int().min(1).max(MAX_HISTORY_PAGE_ROWS)).default(MAX_HISTORY_PAGE_ROWS),
    after: z.string().min(1).max(MAX_URL_TEXT_CHARS).optional(),
  }),
  output: 'bytes',
})
