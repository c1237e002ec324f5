import 'server-only'
import type { z } from 'zod'
import type { ListedManifest, listManifests } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { partitionColumnsBySpec } from '@/lib/iceberg/manifest/partition-tuple'
import { formatTransformedValue } from '@/lib/iceberg/partitioning/transform'
import type { PartitionColumn } from '@/lib/iceberg/partitioning/partition-spec'
import { tryDecodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { boundText } from '@/server/table/bound-text'
import { openManifests } from './listed-entries'

const PAGE_SIZE = 500

/** One page of the manifests of a snapshot. Throws as `openManifests` does. */
export async function readManifestPage(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { offset, signal }: { offset: number; signal: AbortSignal },
): Promise<z.output<typeof listManifests.output>> {
  const { snapshot, manifests } = await openManifests(services, table, asOf, signal)
  const page = manifests.slice(offset, offset + PAGE_SIZE)
  const columnsOf = partitionColumnsBySpec(table.metadata)
  return {
    snapshotId: snapshot?.snapshotId ?? null,
    manifestList: snapshot?.manifestList ?? null,
    totalCount: manifests.length,
    totalBytes: manifests.reduce((sum, { manifestLengthBytes }) => sum + manifestLengthBytes, 0),
    manifests: page.map((manifest) => toListedManifest(manifest, columnsOf.get(manifest.partitionSpecId) ?? [])),
    nextOffset: offset + page.length < manifests.length ? offset + page.length : null,
  }
}

function toListedManifest(manifest: ManifestFile, columns: readonly PartitionColumn[]): ListedManifest {
  const { manifestPath, manifestLengthBytes, partitionSpecId, partitions, ...rest } = manifest
  return {
    ...rest,
    path: manifestPath,
    lengthBytes: manifestLengthBytes,
    specId: partitionSpecId,
    partitions: partitions.map(({ containsNull, containsNan, lowerBound, upperBound }, index) => {
      const column = columns[index]
      return {
        name: column?.name ?? `field ${index + 1}`,
        lower: partitionBoundText(column, lowerBound),
        upper: partitionBoundText(column, upperBound),
        containsNull,
        containsNan,
      }
    }),
  }
}

/** As partition values are shown elsewhere: a month as `2001-06`, not as the number of months since 1970. */
function partitionBoundText(column: PartitionColumn | undefined, bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  if (column === undefined) return boundText(null, bytes)
  const value = tryDecodeSingleValue(column.type, bytes)
  if (value === null) return boundText(column.type, bytes)
  return formatTransformedValue(column.transform, column.sourceType, value)
}
