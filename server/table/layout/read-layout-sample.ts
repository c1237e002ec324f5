import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import type { LayoutField } from '@/lib/layout/layout-field'
import type { SampledBlock } from '@/lib/layout/layout-sample'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import { parsePrimitiveDefault } from '@/lib/iceberg/schema/default-value'
import type { Schema, Value } from '@/lib/iceberg/schema/types'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import { toPostableFields } from '@/lib/scan/postable-fields'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { clock } from '@/server/timing/clock'
import { openRowStream, type RowFiles, type RowStream } from '../rows/row-stream'
import type { RowsJob } from '../../processes/row-messages'

/** A file whose rows are sampled. */
export type SampledFile = {
  task: ScanTask
  /** Blocks of its rows by their first row in the file, as often as they were drawn. */
  blocks: readonly { firstRow: number; rowCount: number }[]
  isDeletable: boolean
  /** For each candidate whether it spreads the file over several partitions. */
  isSpannedBy: readonly boolean[]
}

export type ReadBlock = { block: SampledBlock; file: SampledFile }

type SampleOptions = { fields: readonly LayoutField[]; schema: Schema; userId: string; signal: AbortSignal }

/** How long reading a sample may take: seconds, but several times as long on a machine that has other work. */
const TIMEOUT_MS = 60_000

/**
 * Reads the drawn blocks, deleted rows too, in the thread of rows.
 *
 * @returns a block for each draw: draws of the same block have the same one
 * @throws {AppError} as `openRowStream` does; too-many-requests when the person reads as many streams as allowed; too-large
 *   when it takes too long
 */
export async function readLayoutSample(
  services: Pick<TableServices, 'rowStreams' | 'startRowThread' | 'manifestCache'>,
  { metadata, store }: LoadedTable,
  files: readonly SampledFile[],
  { fields, schema, userId, signal }: SampleOptions,
): Promise<ReadBlock[]> {
  const columns = columnsOf(fields, schema)
  const { scanFiles, requested, order } = layOut(files)
  const timeout = clock.deadline(TIMEOUT_MS)
  const stopped = AbortSignal.any([signal, timeout])
  const release = services.rowStreams.acquire(userId)
  let stream: RowStream | null = null
  const close = () => stream?.close()
  stopped.addEventListener('abort', close)
  try {
    const job: RowsJob = {
      fields: toPostableFields(columns.map(({ field }) => field)),
      nameMapping: readNameMapping(metadata.properties),
      rowCount: scanFiles.reduce((sum, { recordCount }) => sum + recordCount, 0),
      limit: null,
      format: 'ndjson',
      filter: null,
      order,
    }
    const pages: RowFiles['nextFiles'] = () => Promise.resolve(scanFiles.splice(0))
    const rowFiles: RowFiles = {
      nextFiles: pages,
      read: (location, range) => store.read(location, { range, signal: stopped }),
      sizeBytes: (location) => store.sizeBytes(location, { signal: stopped }),
    }
    stream = openRowStream(services.startRowThread, job, rowFiles, { decodeTimeoutMs: TIMEOUT_MS })
    stopped.throwIfAborted()
    const rows = await readValues(stream, columns, services.manifestCache.takeTurns)
    if (rows.count !== order.length)
      throw new AppError('file-damaged', `${rows.count} rows were read instead of ${order.length}.`)
    return cutBlocks(requested, rows.columns)
  } catch (error) {
    signal.throwIfAborted()
    if (!timeout.aborted) throw error
    throw new AppError('too-large', `Reading it takes longer than ${TIMEOUT_MS / 1000} seconds.`, { cause: error })
  } finally {
    stopped.removeEventListener('abort', close)
    close()
    release()
  }
}

type RequestedBlock = { file: SampledFile; rowCount: number; draws: number }

/** The files one after the other, and the rows of their blocks, each block once. */
function layOut(files: readonly SampledFile[]) {
  const requested: RequestedBlock[] = []
  const rows: number[] = []
  let firstRowIndex = 0
  const scanFiles = files.map((file) => {
    const { path, ...task } = { ...file.task, path: file.task.filePath }
    const blocks = new Map<number, RequestedBlock>()
    for (const { firstRow, rowCount } of file.blocks.toSorted((a, b) => a.firstRow - b.firstRow)) {
      const known = blocks.get(firstRow)
      if (known) known.draws += 1
      else {
        const block = { file, rowCount, draws: 1 }
        blocks.set(firstRow, block)
        requested.push(block)
        for (let row = 0; row < rowCount; row += 1) rows.push(firstRowIndex + firstRow + row)
      }
    }
    const { fileFormat, fileSizeBytes, recordCount, sequenceNumber, firstRowId, constants } = task
    if (fileFormat !== 'parquet' && fileFormat !== 'avro')
      throw new AppError('not-supported', `Lakeshore cannot read ${fileFormat} files.`, { facts: { file: path } })
    const scanFile = { path, fileFormat, fileSizeBytes, recordCount, sequenceNumber, firstRowId, constants }
    const placed = { ...scanFile, firstRowIndex, deletes: [] }
    firstRowIndex += recordCount
    return placed
  })
  if (firstRowIndex > 2 ** 32) throw new AppError('too-large', 'The files have too many rows to sample.')
  return { scanFiles, requested, order: Uint32Array.from(rows) }
}

function cutBlocks(
  requested: readonly RequestedBlock[],
  columns: ReadonlyMap<number, readonly (Value | null)[]>,
): ReadBlock[] {
  let first = 0
  return requested.flatMap(({ file, rowCount, draws }) => {
    const at = first
    first += rowCount
    const block: SampledBlock = {
      columns: new Map([...columns].map(([id, values]) => [id, values.slice(at, at + rowCount)])),
      rowCount,
      isDeletable: file.isDeletable,
    }
    return Array.from({ length: draws }, () => ({ block, file }))
  })
}

/** The columns at the top that have the sources of the fields. */
function columnsOf(fields: readonly LayoutField[], schema: Schema) {
  const byName = Map.groupBy(fields, ({ path }) => path[0] ?? '')
  return schema.fields.flatMap((field) => {
    const sources = byName.get(field.name)
    return sources ? [{ field, sources }] : []
  })
}

const ROWS_PER_STEP = 64

async function readValues(
  stream: RowStream,
  columns: ReturnType<typeof columnsOf>,
  takeTurns: () => Promise<void> | null,
): Promise<{ count: number; columns: ReadonlyMap<number, readonly (Value | null)[]> }> {
  const values = new Map(
    columns.flatMap(({ sources }) => sources.map(({ sourceId }) => [sourceId, [] as (Value | null)[]])),
  )
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let [rest, count] = ['', 0]
  for (let piece = await stream.next(); piece !== null; piece = await stream.next()) {
    const lines = (rest + decoder.decode(piece.bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') continue
      const row = parseExactJson(line)
      for (const { sources } of columns)
        for (const source of new Map(sources.map((one) => [one.sourceId, one])).values())
          values.get(source.sourceId)?.push(valueAt(row, source))
      count += 1
      if (count % ROWS_PER_STEP === 0) await takeTurns()
    }
  }
  return { count, columns: values }
}

function valueAt(row: Json, { path, sourceType }: LayoutField): Value | null {
  let at: Json = row
  for (const name of path) {
    if (at === null) return null
    if (typeof at !== 'object' || Array.isArray(at))
      throw new AppError('file-damaged', 'A sampled row is not an object.')
    at = (at as { readonly [name: string]: Json })[name] ?? null
  }
  if (at === null) return null
  if (typeof at === 'string' && (sourceType === 'float' || sourceType === 'double')) return Number(at)
  const value = parsePrimitiveDefault(sourceType, at)
  if (value === null)
    throw new AppError('file-damaged', `A sampled value of ${path.join('.')} is not of type ${sourceType}.`)
  return value
}
