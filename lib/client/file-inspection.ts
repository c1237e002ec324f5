import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { DamagedDeletionVector } from '@/lib/scan/deletes/deletion-vector'
import { listPages } from '@/lib/scan/inspect/list-pages'
import { positionRanges } from '@/lib/scan/inspect/position-ranges'
import { type PuffinBlob, readPuffinFooter } from '@/lib/scan/inspect/puffin'
import { callEndpoint } from './call/call-endpoint'
import { snapshotFileUrl } from './call/file-bytes-url'
import { toCallOptions } from './call/retry'
import { createRemoteSource } from './duckdb/remote-file'
import { keys } from './keys'

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

/** What the manifest says of a file, and of its columns, page after page. */
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

function sourceOf({ table, asOf, file, manifest }: ShownFile, byteLength = 0) {
  return createRemoteSource({ url: snapshotFileUrl(table, asOf, { file, manifest }), name: file, byteLength })
}

/** The footer of a Parquet file, with the file's real length. */
export type InspectedFile = { footer: ParquetFooter; byteLength: number }

/** Reads the footer of a Parquet file in the browser. */
export function parquetFooterQuery(shown: ShownFile) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'footer'],
    queryFn: async ({ signal }): Promise<InspectedFile> => {
      const source = sourceOf(shown)
      const footer = await readFooter(source, { signal })
      return { footer, byteLength: source.byteLength }
    },
    staleTime: Number.POSITIVE_INFINITY,
    // A footer is large, and not JSON.
    structuralSharing: false,
  })
}

/** A column chunk by the index of its row group and of its column. */
export type ChunkPosition = { group: number; leaf: number }

/** The pages of a column chunk. `readsWhole`: reads the chunk for the headers of its pages, however large it is. */
export function chunkPagesQuery(
  shown: ShownFile,
  inspected: InspectedFile,
  position: ChunkPosition,
  readsWhole: boolean,
) {
  const { footer, byteLength } = inspected
  return queryOptions({
    queryKey: [...keyOf(shown), 'pages', position, readsWhole],
    queryFn: ({ signal }) =>
      withFileName(shown.file, () => {
        const group = footer.rowGroups[position.group]
        const chunk = group?.columns[position.leaf]
        if (!group || !chunk) throw new DamagedParquet('the file has no such column chunk')
        return listPages(sourceOf(shown, byteLength), group, chunk, {
          signal,
          ...(readsWhole && { maxReadBytes: Number.POSITIVE_INFINITY }),
        })
      }),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
}

/** The blobs of a Puffin file. */
export function puffinFooterQuery(shown: ShownFile) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'puffin'],
    queryFn: async ({ signal }) => {
      const source = sourceOf(shown)
      // Corrects the length of the source.
      await source.readEnd?.(1, signal)
      return readPuffinFooter(source, { signal })
    },
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
}

/** A vector of a billion positions takes less. */
const MAX_VECTOR_BYTES = 128 * 1024 * 1024

/** The positions of a deletion vector in a Puffin file. */
export function positionsQuery(shown: ShownFile, { offset, lengthBytes }: PuffinBlob) {
  return queryOptions({
    queryKey: [...keyOf(shown), 'positions', offset, lengthBytes],
    queryFn: ({ signal }) =>
      withFileName(shown.file, async () => {
        if (lengthBytes > MAX_VECTOR_BYTES)
          throw new OversizedParquet(`a deletion vector has ${lengthBytes} bytes, more than ${MAX_VECTOR_BYTES}`)
        const blob = await sourceOf(shown).read(offset, offset + lengthBytes, signal)
        try {
          return positionRanges(blob)
        } catch (error) {
          if (error instanceof DamagedDeletionVector)
            throw new DamagedParquet(`the deletion vector is damaged: ${error.message}`)
          throw error
        }
      }),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
}
