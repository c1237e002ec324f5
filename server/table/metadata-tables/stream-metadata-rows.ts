import 'server-only'
import { RecordBatchStreamWriter } from 'apache-arrow'
import type { z } from 'zod'
import type { historyRowsLine } from '@/lib/contract/facts/history-tables'
import type { metadataRowsLine } from '@/lib/contract/table/metadata-tables'
import type { Problem } from '@/lib/contract/shapes/problem'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import {
  addUnreadableBounds,
  NO_UNREADABLE_BOUNDS,
  type UnreadableBound,
} from '@/lib/iceberg/metadata/unreadable-bounds'
import { distinguishNames } from '@/lib/query/duckdb/distinct-names'
import type { MetadataRow } from '@/lib/scan/metadata-tables/metadata-table'
import type { RowValue } from '@/lib/scan/read/row-values'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import { vectorOf } from '@/lib/scan/read/vector-of'
import type { MetadataRows } from './metadata-table-state'

/** The limit of a line, so that neither side works on one for long. */
const MAX_LINE_ROWS = 1_000
const MAX_LINE_VALUES = 10_000
const MAX_LINE_BYTES = 256 * 1024
/** Rows that are only counted. */
const MAX_COUNTED_ROWS = 10_000

type Line = z.input<typeof metadataRowsLine> | z.input<typeof historyRowsLine>

export type StreamOptions = {
  /** Lets other requests have their turn between rows. */
  takeTurns: TakeTurns
  /** Logs a failure and describes it. */
  toProblem: (error: unknown) => Promise<Problem>
  /** Called when the client stops reading. */
  stop: () => void
  /** Aborted then, and when the client disconnects. */
  signal: AbortSignal
}

/** Rows, and where the page after them begins if they are one of several. */
type StreamedRows = MetadataRows & { next?: string | null }

/** The rows as lines of the contract's form, computed as fast as the client reads them. */
export function streamMetadataRows(rows: StreamedRows, options: StreamOptions): ReadableStream<Uint8Array> {
  const { stop, signal, toProblem } = options
  const encoder = new TextEncoder()
  const lines = readLines(rows, options)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const write = (line: Line) => controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
        try {
          const next = await lines.next()
          if (next.done) controller.close()
          else write(next.value)
        } catch (error) {
          // The client no longer reads.
          if (signal.aborted) return controller.error(error)
          write({ problem: await toProblem(error) })
          controller.close()
        }
      },
      async cancel() {
        stop()
        await lines.return()
      },
    },
    { highWaterMark: 1 },
  )
}

async function* readLines(
  { fields, read, next = null }: StreamedRows,
  { takeTurns }: StreamOptions,
): AsyncGenerator<Line, void> {
  const { fields: named } = distinguishNames(fields)
  const maxRows = fields.length === 0 ? MAX_COUNTED_ROWS : MAX_LINE_ROWS
  let totalRows = 0
  let batch: MetadataRow[] = []
  let size: Size = { values: 0, bytes: 0 }
  let unreadable = NO_UNREADABLE_BOUNDS

  const toLine = (): Line => {
    const rowCount = batch.length
    totalRows += rowCount
    if (fields.length === 0) return { rowCount }
    const columns = named.map(({ type }, i) =>
      vectorOf(
        type,
        batch.map((row) => row[i] ?? null),
      ),
    )
    const writer = new RecordBatchStreamWriter()
    writer.write(toArrowBatch(named, columns, rowCount))
    writer.finish()
    const arrow = Buffer.from(writer.toUint8Array(true)).toString('base64')
    return {
      rowCount,
      arrow,
      ...(unreadable.count > 0 && { unreadableBounds: { ...unreadable, named: [...unreadable.named] } }),
    }
  }

  const report = (bound: UnreadableBound) => {
    unreadable = addUnreadableBounds(unreadable, { count: 1, named: [bound] })
  }
  for await (const row of read(report)) {
    batch.push(row)
    for (const value of row) addSize(size, value)
    if (batch.length >= maxRows || size.values >= MAX_LINE_VALUES || size.bytes >= MAX_LINE_BYTES) {
      yield toLine()
      batch = []
      size = { values: 0, bytes: 0 }
      unreadable = NO_UNREADABLE_BOUNDS
    }
    const turn = takeTurns()
    if (turn !== null) await turn
  }
  if (batch.length > 0) yield toLine()
  yield { isEnd: true, rowCount: totalRows, ...(next !== null && { next }) }
}

type Size = { values: number; bytes: number }

function addSize(size: Size, value: RowValue | null): void {
  size.values += 1
  if (typeof value === 'string') size.bytes += value.length
  else if (value instanceof Uint8Array) size.bytes += value.length
  else if (Array.isArray(value)) for (const item of value as readonly (RowValue | null)[]) addSize(size, item)
}
