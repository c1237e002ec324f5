import { formatBytes } from '@/lib/format/bytes'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/types'
import { duckdbMessage } from '@/lib/query/duckdb-error'
import type { Decoded, LoadFile } from './decode-messages'
import type { Decoder } from './decoder'
import type { Engine } from './engine'
import { sizeOfRowGroup } from './estimate'
import type { Footers } from './footers'
import type { TableScan } from './table-scan'

/** What loading took. The times of its parts overlap each other. */
export type LoadCost = {
  filesRead: number
  readBytes: number
  decodedBytes: number
  rowCount: number
  fetchMs: number
  decodeMs: number
  insertMs: number
}

export const NO_LOAD: LoadCost = {
  filesRead: 0,
  readBytes: 0,
  decodedBytes: 0,
  rowCount: 0,
  fetchMs: 0,
  decodeMs: 0,
  insertMs: 0,
}

/** Row groups decoded together; `bytes` is an estimate of what they become. */
type Chunk = { file: LoadFile; rowGroups: number[]; bytes: number }

/** Files whose footers are asked for before their turn. */
const FOOTERS_AHEAD = 8
/** What is fetched and decoded ahead of insertion, at most. */
const CHUNKS_AHEAD = 6
const BYTES_AHEAD = 96 * 1024 * 1024
/** Row groups are decoded together up to about this size. */
const CHUNK_BYTES = 32 * 1024 * 1024

/**
 * Decodes columns of a table and appends them to a table of DuckDB, in the order of the table's rows.
 *
 * @param rowsNeeded stop after the row group that holds this row; all of them unless told
 * @param limitBytes of decoded Arrow, whatever the footers promised
 * @throws {AppError} too-large · cancelled · the decoder's
 */
export async function loadColumns(
  {
    scan,
    fields,
    into,
    rowsNeeded,
    limitBytes,
  }: {
    scan: TableScan
    fields: readonly NestedField[]
    into: string
    rowsNeeded: number
    limitBytes: number
  },
  { engine, decoder, footers }: { engine: Engine; decoder: Decoder; footers: Footers },
  signal: AbortSignal,
  onProgress: (cost: LoadCost) => void,
): Promise<LoadCost> {
  const cost = { ...NO_LOAD }
  const filesRead = new Set<string>()
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  let fetchedToMs = 0
  const ahead: (Chunk & { decoding: Promise<Decoded> })[] = []
  const footerBytes = footers.readBytes
  let chunkBytes = 0

  const insertNext = async () => {
    const next = ahead.shift()
    if (!next) return
    const { file, rowGroups } = next
    const decoded = await next.decoding.catch((error: unknown) => {
      if (rowGroups.length > 1 && error instanceof AppError && error.code === 'too-large') return null
      throw error
    })
    if (decoded) await insert(decoded, file)
    // Their footers made them look small enough to be decoded together: one by one they may be.
    else
      for (const group of rowGroups)
        await insert(await decoder.columns(file, { rowGroups: [group], fields }, either), file)
  }

  const insert = async (decoded: Decoded, file: LoadFile) => {
    cost.rowCount += decoded.rowCount
    chunkBytes += decoded.readBytes
    cost.readBytes = chunkBytes + footers.readBytes - footerBytes
    cost.decodedBytes += decoded.ipc.length
    // Several fetches run at once: what counts is the time in which any of them did.
    cost.fetchMs += Math.max(0, decoded.fetched.toMs - Math.max(decoded.fetched.fromMs, fetchedToMs))
    fetchedToMs = Math.max(fetchedToMs, decoded.fetched.toMs)
    cost.decodeMs += decoded.decodeMs
    if (cost.decodedBytes > limitBytes) throw tooLarge(limitBytes)
    const startedAt = performance.now()
    await engine.insert(into, decoded.ipc).catch((error: unknown) => refused(error, file))
    cost.insertMs += performance.now() - startedAt
    onProgress(cost)
  }

  try {
    for await (const chunk of chunksOf(scan, fields, rowsNeeded, footers, either)) {
      const { file, rowGroups } = chunk
      filesRead.add(file.name)
      cost.filesRead = filesRead.size
      const decoding = decoder.columns(file, { rowGroups, fields }, either)
      // Awaited in order below; a failure before its turn is not unheard.
      decoding.catch(() => {})
      ahead.push({ ...chunk, decoding })
      while (ahead.length >= CHUNKS_AHEAD || bytesOf(ahead) > BYTES_AHEAD) await insertNext()
    }
    while (ahead.length > 0) await insertNext()
    return cost
  } catch (error) {
    stop.abort()
    throw error
  }
}

/** Values that a file may hold and DuckDB may not: a map with a key twice, for one. */
function refused(error: unknown, { name }: LoadFile): never {
  const message = duckdbMessage(error)
  if (message === null) throw error
  throw new AppError('not-supported', `DuckDB cannot hold what is in ${name}: ${message}`, {
    cause: error,
    facts: { file: name },
  })
}

/** Row groups in order, small ones together; footers that are not known are read on the way. */
async function* chunksOf(
  { files }: TableScan,
  fields: readonly NestedField[],
  rowsNeeded: number,
  footers: Footers,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void> {
  let rows = 0
  for (const [i, file] of files.entries()) {
    if (rows >= rowsNeeded) return
    // The next few at once, no further than the rows that are needed may reach.
    for (const next of filesReaching(files.slice(i, i + FOOTERS_AHEAD), rowsNeeded - rows))
      footers.of(next, signal).catch(() => {
        // Said when its turn comes.
      })
    const footer = await footers.of(file, signal)
    let chunk: Chunk = { file, rowGroups: [], bytes: 0 }
    for (const [index, group] of footer.rowGroups.entries()) {
      if (rows >= rowsNeeded) break
      const size = sizeOfRowGroup(group, fields).decodedBytes
      if (chunk.rowGroups.length > 0 && chunk.bytes + size > CHUNK_BYTES) {
        yield chunk
        chunk = { file, rowGroups: [], bytes: 0 }
      }
      chunk.rowGroups.push(index)
      chunk.bytes += size
      rows += group.rowCount
    }
    if (chunk.rowGroups.length > 0) yield chunk
  }
}

function bytesOf(ahead: readonly { bytes: number }[]): number {
  return ahead.reduce((sum, { bytes }) => sum + bytes, 0)
}

function filesReaching(files: readonly LoadFile[], rowsNeeded: number): LoadFile[] {
  const reaching: LoadFile[] = []
  let rows = 0
  for (const file of files) {
    if (reaching.length > 0 && rows >= rowsNeeded) break
    reaching.push(file)
    rows += file.recordCount
  }
  return reaching
}

export function tooLarge(limitBytes: number): AppError {
  return new AppError(
    'too-large',
    `The columns this query needs are larger than ${formatBytes(limitBytes)} when decoded, more than is loaded into a ` +
      'browser here. Name fewer columns, or ask an older or smaller version of the table.',
    { facts: { limitBytes } },
  )
}
