import * as z from 'zod'
import { endpoint } from './endpoint'
import { MAX_SQL_CHARS } from './queries'
import { QUERY_RUNS_PATH } from './shapes/plain-values'
import { problem } from './shapes/problem'
import { count, entryName, instantMs, longId, refName } from './shapes/wire'

const MAX_PARAMETERS = 50
const MAX_ROWS = 1_000_000
const MAX_CONNECTIONS = 1_000

const asOf = z.object({
  ref: refName.exactOptional(),
  snapshotId: longId.exactOptional(),
  atMs: instantMs.exactOptional(),
})

const parameter = z.object({
  name: z.string().min(1).max(200),
  type: z.enum(['text', 'number', 'date', 'timestamp', 'timestamptz', 'boolean', 'null']),
  isList: z.boolean(),
  text: z.string().max(100_000),
})

/** The statement at `cursor`, and what it depends on. */
export const statementFields = {
  sql: z.string().min(1).max(MAX_SQL_CHARS),
  cursor: count,
  connection: entryName,
  asOf: asOf.exactOptional(),
  parameters: z.array(parameter).max(MAX_PARAMETERS).readonly().exactOptional(),
}

/** A line of the response of a query. */
export const queryRunLine = z.union([
  z.object({ progress: z.looseObject({ step: z.string(), readBytes: count, totalBytes: count, rowCount: count }) }),
  z.object({ isRestart: z.literal(true) }),
  z.object({ rowCount: count, arrow: z.base64() }),
  z.object({ summary: z.looseObject({ rowCount: count }) }),
  z.object({ problem }),
])

export const getQueryServer = endpoint({
  summary: 'Returns whether the server runs queries, and their limits',
  method: 'GET',
  path: QUERY_RUNS_PATH,
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({
    isEnabled: z.boolean(),
    /** Limits of one query; null on a server that does not run queries. */
    limits: z
      .object({
        /** The decoded size of the columns that a query loads. */
        maxLoadBytes: count,
        maxSeconds: count,
      })
      .nullable(),
  }),
})

export const runQueryOnServer = endpoint({
  summary: 'Runs one SELECT over tables in a process of the server, and returns its rows as lines of JSON',
  description:
    'Runs the statement at `cursor`. Names without a connection refer to `connection`; `connections` are the names that may be written before a namespace. The statement is a SELECT, DESCRIBE, SUMMARIZE or EXPLAIN, or SHOW TABLES, VIEWS, NAMESPACES or CONNECTIONS, which list what the caller may see. The caller has to be allowed to read every table and view that it names. A line is `{"progress": {…}}`, `{"rowCount": 500, "arrow": "…"}` with an Arrow IPC stream in base64, whose rows after the first `rowCount` are to be ignored, `{"isRestart": true}` when the rows before it are to be discarded, and at the end `{"summary": {…}}`, or `{"problem": {…}}` if the query failed. Without such a last line the rows are not complete. Closing the connection cancels the query. Fails with `too-many-requests` when as many queries as allowed run, and with `not-supported` on a server that does not run queries.',
  method: 'POST',
  path: QUERY_RUNS_PATH,
  // Each table and view that the statement names is read by a request of its own, with its own check.
  permission: 'signed-in',
  input: z.object({
    ...statementFields,
    connections: z.array(entryName).max(MAX_CONNECTIONS),
    maxRows: z.int().min(1).max(MAX_ROWS),
    /** The most memory that the rows may take. */
    maxResultBytes: count.optional(),
  }),
  output: 'lines',
})
