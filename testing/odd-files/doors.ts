import { callEndpoint } from '@/lib/api/call-endpoint'
import { fileBytesUrl } from '@/lib/api/file-bytes-url'
import { toListedFiles } from '@/lib/api/listed-files'
import { planMetadataTable } from '@/lib/api/plan-metadata-table'
import { planTable } from '@/lib/api/plan-table'
import { readView } from '@/lib/api/read-view'
import { createRemoteSource } from '@/lib/api/remote-file'
import type { ComparisonReply, ComparisonRequest } from '@/lib/client/comparison/comparison-messages'
import { planSides } from '@/lib/client/comparison/comparison-plan'
import { createComparisonServer } from '@/lib/client/comparison/serve-comparison'
import type { InspectionReply, InspectionTask } from '@/lib/client/inspection/inspection-messages'
import { createInspectionServer } from '@/lib/client/inspection/serve-inspection'
import { createRemoteEngine } from '@/lib/client/remote-engine'
import type { ExportReply } from '@/lib/client/rows/export/export-messages'
import { createExportServer } from '@/lib/client/rows/export/serve-export'
import { FilePages } from '@/lib/client/rows/file-pages'
import type { RowsReply, RowsRequest } from '@/lib/client/rows/row-messages'
import { createRowServer } from '@/lib/client/rows/serve-rows'
import type { SerializedError } from '@/lib/client/rows/serialized-error'
import { AppError } from '@/lib/errors'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryEngine } from '@/lib/query/engine'
import { createDecodeHandler } from '@/lib/query/load/decode-requests'
import { createLocalDecoder } from '@/lib/query/load/local-decoder'
import { LiveRows } from '@/lib/scan/live-rows'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import type { FileRows } from '@/lib/scan/inspect/file-rows'
import { isUnreadable, type ShownValue } from '@/lib/scan/read/unreadable-cell'
import { valueJson, valueText } from '@/lib/scan/value-text'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { createTestSession } from '@/testing/duckdb/test-session'
import { pageCodecs } from '@/testing/parquet/page-codecs'

/** The reason that a door of the product gives instead of a value, or instead of rows. */
export type Refusal = { code: string; message: string; hint?: string }
export type Cell = string | null | Refusal
/** The cells of each column, by its name, in the order of the first column. */
export type Columns = Readonly<Record<string, readonly Cell[]>>

function refusal({ code, message, facts }: Pick<SerializedError, 'code' | 'message' | 'facts'>): Refusal {
  const hint = facts['hint']
  return { code, message, ...(typeof hint === 'string' && { hint }) }
}

/** The result of a door, or why it refuses. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) return refusal(error)
    throw error
  }
}

export function textOf(type: Type, value: ShownValue | undefined): Cell {
  if (value === null || value === undefined) return null
  if (isUnreadable(value)) return { code: value.code, message: value.message }
  return typeof type === 'string' ? valueText(type, value as Value, 'UTC') : valueJson(type, value, 'UTC')
}

function toColumns(fields: readonly Pick<NestedField, 'name'>[], rows: readonly (readonly Cell[])[]): Columns {
  const sorted = rows.toSorted(([a], [b]) => Number(a) - Number(b))
  return Object.fromEntries(fields.map(({ name }, i) => [name, sorted.map((row) => row[i] ?? null)]))
}

const failure = ({ code, message, facts }: SerializedError) => new AppError(code, message, { facts: { ...facts } })
const signal = new AbortController().signal
const MANY_ROWS = 1000

/** Sends requests to the code of a worker in this process, one at a time. */
function openWorker<Request, Reply extends { kind: string }>(
  create: (reply: (message: Reply) => void) => (request: Request) => unknown,
) {
  let settle: (reply: Reply) => void = () => undefined
  const serve = create((reply) => settle(structuredClone(reply)))
  const request = (message: Request) =>
    new Promise<Reply>((resolve) => {
      settle = resolve
      serve(structuredClone(message))
    })
  return { serve, request }
}

/** The Data tab. */
export async function readGrid(identifier: TableIdentifier): Promise<Columns> {
  const plan = await callEndpoint('scanTable', { ...identifier })
  const { token, nameMapping } = plan
  const { fields } = plan.schema
  const { serve, request } = openWorker<RowsRequest, RowsReply>((reply) =>
    createRowServer(reply, { codecs: pageCodecs }),
  )
  serve({ kind: 'open', scan: 1, plan: { token, fields, nameMapping } })
  const pages = new FilePages(plan, (page, options) => callEndpoint('listPlannedFiles', page, options))
  const live = new LiveRows(
    { rowCount: plan.rowCount, filesForRows: (first, last) => pages.filesForRows(first, last) },
    async () => [],
  )
  const files = await live.filesForRows(0, plan.rowCount)
  const fieldIds = fields.map(({ id }) => id)
  const reply = await request({ kind: 'rows', scan: 1, id: 1, firstRow: 0, lastRow: plan.rowCount, fieldIds, files })
  if (reply.kind === 'failed') throw failure(reply.error)
  if (reply.kind !== 'rows') throw new Error(`the worker replied ${reply.kind}`)
  for (const { error } of reply.failed) throw failure(error)
  const rows = reply.batches.flatMap(({ firstRow, lastRow, columns }) =>
    Array.from({ length: lastRow - firstRow }, (_, row) =>
      fields.map(({ id, type }) => textOf(type, columns.get(id)?.[row])),
    ),
  )
  return toColumns(fields, rows)
}

/** The Data tab with a filter. */
export async function readFilteredGrid(identifier: TableIdentifier, where: string): Promise<Columns> {
  const json = stringifyExactJson(predicateToJson(parsePredicateText(where)))
  const plan = await callEndpoint('scanTable', { ...identifier, where: json })
  const { token, nameMapping } = plan
  const { fields } = plan.schema
  const { serve, request } = openWorker<RowsRequest, RowsReply>((reply) =>
    createRowServer(reply, { codecs: pageCodecs }),
  )
  const filter = { where: json, files: { files: toListedFiles(plan, plan), nextFile: null } }
  serve({ kind: 'open', scan: 1, plan: { token, fields, nameMapping, filter } })
  const searched = await request({ kind: 'search', scan: 1, id: 1, maxBytes: Number.POSITIVE_INFINITY })
  if (searched.kind === 'failed') throw failure(searched.error)
  if (searched.kind !== 'searched') throw new Error(`the worker replied ${searched.kind}`)
  if (searched.problem !== null) throw failure(searched.problem)
  const fieldIds = fields.map(({ id }) => id)
  const reply = await request({ kind: 'matches', scan: 1, id: 2, firstRow: 0, lastRow: MANY_ROWS, fieldIds })
  if (reply.kind === 'failed') throw failure(reply.error)
  if (reply.kind !== 'matches') throw new Error(`the worker replied ${reply.kind}`)
  const { firstRow, lastRow, columns } = reply.batch
  const rows = Array.from({ length: lastRow - firstRow }, (_, row) =>
    fields.map(({ id, type }) => textOf(type, columns.get(id)?.[row])),
  )
  return toColumns(fields, rows)
}

/** The engines of Query: the browser's, and the server's through its API. */
export async function openEngines(): Promise<{ browser: QueryEngine; server: QueryEngine }> {
  const wasm = await resetNodeDuckdb()
  const browser = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: createLocalDecoder(createDecodeHandler(pageCodecs, createRemoteSource)),
    planTable,
    planMetadataTable,
    readView,
  })
  return { browser, server: createRemoteEngine(browser) }
}

export async function query(engine: QueryEngine, catalog: string, sql: string): Promise<Columns> {
  const request = { sql, cursor: 0, connection: catalog, connections: [catalog], maxRows: MANY_ROWS }
  const { columns, batches } = await engine.run(request, {
    signal,
    onProgress: () => undefined,
    confirm: async () => true,
  })
  const rows = batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ type }, column) => textOf(type, value(row, column) as ShownValue)),
    ),
  )
  return toColumns(columns, rows)
}

/** An export of some columns as CSV, without its header. */
export async function exportCsv(identifier: TableIdentifier, names: readonly string[]): Promise<string[]> {
  const plan = await callEndpoint('scanTable', { ...identifier })
  const fields = plan.schema.fields.filter(({ name }) => names.includes(name))
  const { serve, request } = openWorker<Parameters<ReturnType<typeof createExportServer>>[0], ExportReply>((reply) =>
    createExportServer(reply, { codecs: pageCodecs }),
  )
  serve({ kind: 'start', job: { plan, fields, format: 'csv', filter: null, order: null } })
  let text = ''
  for (;;) {
    const reply = await request({ kind: 'pull' })
    if (reply.kind === 'failed') throw failure(reply.error)
    if (reply.piece === null) return text.trimEnd().split('\r\n').slice(1).toSorted()
    text += new TextDecoder().decode(reply.piece.bytes)
  }
}

/** The rows of a file as the inspector shows them, after its footer. */
export async function inspectRows(
  identifier: TableIdentifier,
  filePath: string,
  rowCount: number,
): Promise<{ columns: Columns }> {
  const plan = await callEndpoint('scanTable', { ...identifier })
  const planned = plan.files.find(({ path }) => filePath.endsWith(path.split('/').at(-1) ?? '-'))
  if (!planned) throw new Error(`${filePath} is not planned`)
  const file = { url: fileBytesUrl(plan.token, planned.index), name: filePath }
  const { request } = openWorker<{ kind: 'inspect'; id: number; task: InspectionTask }, InspectionReply>((reply) =>
    createInspectionServer((message) => message.kind !== 'chunks' && reply(message), { codecs: pageCodecs }),
  )
  const inspect = async (task: InspectionTask) => {
    const reply = await request({ kind: 'inspect', id: 1, task })
    if (reply.kind === 'failed') throw failure(reply.error)
    if (reply.kind !== 'done') throw new Error(`the worker replied ${reply.kind}`)
    return reply.result
  }
  await inspect({ kind: 'footer', file })
  const stored = { format: 'parquet', recordCount: rowCount, from: 0, limit: MANY_ROWS } as const
  const { fields, rows } = (await inspect({ kind: 'rows', file, ...stored })) as FileRows
  const cells = rows.map((row) => fields.map(({ type }, i) => textOf(type, row[i])))
  return { columns: toColumns(fields, cells) }
}

/** Compares two snapshots, and reads all rows that differ. @param comparedNames null for all columns */
export async function compare(
  identifier: TableIdentifier,
  [before, after]: readonly [string, string],
  comparedNames: readonly string[] | null,
): Promise<{ inCount: number; rows: Columns | Refusal }> {
  const plans = await callEndpoint('compareSnapshots', {
    ...identifier,
    before: { snapshot: before },
    after: { snapshot: after },
  })
  const sides = await planSides(plans, signal)
  const { request } = openWorker<ComparisonRequest, ComparisonReply>((reply) =>
    createComparisonServer((message) => message.kind !== 'progress' && reply(message), { codecs: pageCodecs }),
  )
  const { fields } = sides.after
  const comparedIds = comparedNames && fields.filter(({ name }) => comparedNames.includes(name)).map(({ id }) => id)
  const compared = await request({
    kind: 'compare',
    ...sides,
    keyIds: comparedNames ? [1] : [],
    comparedIds,
    where: null,
  })
  if (compared.kind === 'failed') throw failure(compared.error)
  if (compared.kind !== 'compared') throw new Error(`the worker replied ${compared.kind}`)
  const read = await request({ kind: 'read', id: 1, filter: 'in', from: 0, to: MANY_ROWS })
  const { inCount } = compared.result
  if (read.kind === 'failed') return { inCount, rows: refusal(read.error) }
  if (read.kind !== 'rows') throw new Error(`the worker replied ${read.kind}`)
  const shown = fields.filter(({ id }) => read.rows.after.has(String(id)))
  const rows = Array.from({ length: read.rows.kinds.length }, (_, row) =>
    shown.map(({ id, type }) => textOf(type, read.rows.after.get(String(id))?.[row] as ShownValue)),
  )
  return { inCount, rows: toColumns(shown, rows) }
}
