import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ParquetFooter } from '@/lib/parquet/footer'
import type { PuffinBlob } from '@/lib/scan/inspect/puffin'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { snapshotFileUrl } from '@/lib/api/file-bytes-url'
import { toCallOptions } from '../call/retry'
import type {
  ChunkPosition,
  InspectedSource,
  Inspections,
  InspectionTask,
  StoredRows,
} from '../inspection/inspection-messages'
import { inspectionWorker } from '../inspection/inspection-worker'
import { keys } from '../keys'

export type { ChunkPosition, StoredRows } from '../inspection/inspection-messages'

/** A file of the shown state of a table. */
export type ShownFile = {
  table: TableIdentifier
  asOf: AsOf
  file: string
  /** Null when only the file is known. */
  manifest: string | null
}

const keyOf = ({ table, asOf, file, manifest }: ShownFile) => [
  ...keys.table(table),
  'file',
  asOfToInput(asOf),
  file,
  manifest,
]

/** The manifest entry of a file, with its columns page after page. */
export function fileEntryQuery(shown: ShownFile) {
  const { table, asOf, file, manifest } = shown
  return infiniteQueryOptions({
    queryKey: [...keyOf(shown), 'entry'],
    queryFn: (context) =>
      callEndpoint(
        'getFile',
        {
          ...table,
          ...asOfToInput(asOf),
          file,
          ...(manifest !== null && { manifest }),
          columnOffset: context.pageParam,
        },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextColumnOffset,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The footer of a Parquet file, with the file's real length. */
export type InspectedFile = { footer: ParquetFooter; byteLength: number }

const toSource = ({ table, asOf, file, manifest }: ShownFile): InspectedSource => ({
  url: snapshotFileUrl(table, asOf, { file, manifest }),
  name: file,
})

/** Footers and indexes never change, are large, and are not JSON. */
const READ_ONCE = { staleTime: Number.POSITIVE_INFINITY, structuralSharing: false } as const

/** Reads the footer of a Parquet file in the browser. */
export function parquetFooterQuery(shown: ShownFile) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'footer'],
    queryFn: async ({ signal }): Promise<InspectedFile> => {
      const { result, chunks } = await inspectionWorker.inspect({ kind: 'footer', file: toSource(shown) }, signal)
      const { footer, byteLength } = result
      const columnCount = footer.leaves.length
      const rowGroups = footer.rowGroups.map((group, index) => ({
        ...group,
        columns: chunks.slice(index * columnCount, (index + 1) * columnCount),
      }))
      return { footer: { ...footer, rowGroups }, byteLength }
    },
    ...READ_ONCE,
  })
}

/** The pages of a column chunk. `readsWhole`: reads the chunk for the headers of its pages, however large it is. */
export function chunkPagesQuery(shown: ShownFile, position: ChunkPosition, readsWhole: boolean) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'pages', position, readsWhole],
    queryFn: ({ signal }) => inspect({ kind: 'pages', file: toSource(shown), position, readsWhole }, signal),
    ...READ_ONCE,
  })
}

/** The row groups that might hold a value, by the bloom filters of a column. */
export function bloomTestQuery(shown: ShownFile, leaf: number, text: string) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'bloom', leaf, text],
    queryFn: ({ signal }) => inspect({ kind: 'bloom', file: toSource(shown), leaf, text }, signal),
    ...READ_ONCE,
  })
}

/** The positions of a position delete file, by data file. */
export function deletePositionsQuery(shown: ShownFile, { format, recordCount }: StoredRows) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'delete-positions'],
    queryFn: ({ signal }) => inspect({ kind: 'positions', file: toSource(shown), format, recordCount }, signal),
    ...READ_ONCE,
  })
}

const ROWS_PER_PAGE = 500

/** The rows of a file as they are stored, page after page. */
export function fileRowsQuery(shown: ShownFile, { format, recordCount }: StoredRows) {
  return infiniteQueryOptions({
    queryKey: [...keyOf(shown), 'rows'],
    queryFn: ({ pageParam: from, signal }) =>
      inspect({ kind: 'rows', file: toSource(shown), format, recordCount, from, limit: ROWS_PER_PAGE }, signal),
    initialPageParam: 0,
    getNextPageParam: ({ rowCount }, _pages, from) => (from + ROWS_PER_PAGE < rowCount ? from + ROWS_PER_PAGE : null),
    ...READ_ONCE,
  })
}

/** The blobs of a Puffin file. */
export function puffinFooterQuery(shown: ShownFile) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'puffin'],
    queryFn: ({ signal }) => inspect({ kind: 'puffin', file: toSource(shown) }, signal),
    ...READ_ONCE,
  })
}

/** The positions of a deletion vector in a Puffin file. */
export function positionsQuery(shown: ShownFile, { offset, lengthBytes }: PuffinBlob) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'positions', offset, lengthBytes],
    queryFn: ({ signal }) => inspect({ kind: 'vector', file: toSource(shown), offset, lengthBytes }, signal),
    ...READ_ONCE,
  })
}

async function inspect<Task extends InspectionTask>(
  task: Task,
  signal: AbortSignal,
): Promise<Inspections[Task['kind']]['result']> {
  return (await inspectionWorker.inspect(task, signal)).result
}
