import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { DamagedParquet, withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { listPages } from '@/lib/scan/inspect/list-pages'
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
