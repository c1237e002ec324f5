import 'server-only'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import type { ScanPlan } from '@/lib/scan/plan/scan-plan'
import { type ManifestSource, readManifestEntries } from '@/lib/scan/snapshot-manifests'

/** All manifests of both snapshots are read, which a comparison of rows does not need. */
const MAX_TALLIED_FILES = 20_000

type LayoutFiles = NonNullable<SnapshotComparison['layoutFiles']>
type Totals = { fileCount: number; bytes: number }
/** By the id of a spec or an order; null for files that record no order. */
type TotalsById = Map<number | null, Totals>

/**
 * The live data files of two snapshots by partition spec and by sort order.
 *
 * @returns null if either snapshot has more files than `maxFiles`
 * @throws {AppError} as `readManifestEntries`
 */
export async function tallyLayoutFiles(
  metadata: TableMetadata,
  { before, after }: { before: ScanPlan; after: ScanPlan },
  source: ManifestSource,
  maxFiles = MAX_TALLIED_FILES,
): Promise<LayoutFiles | null> {
  if (Math.max(before.fileCount, after.fileCount) > maxFiles) return null
  const [old, current] = [await tally(before), await tally(after)]
  const schema = currentSchema(metadata)
  const specs = new Map(metadata.partitionSpecs.map((spec) => [spec.specId, specLabel(spec, schema)]))
  const orders = new Map(metadata.sortOrders.map((order) => [order.orderId, sortOrderLabel(order, schema)]))
  return {
    specs: joinSides(old.specs, current.specs, specs),
    orders: joinSides(old.orders, current.orders, orders),
  }

  async function tally({ manifests }: ScanPlan): Promise<{ specs: TotalsById; orders: TotalsById }> {
    const [bySpec, byOrder]: [TotalsById, TotalsById] = [new Map(), new Map()]
    for (const { manifest } of manifests) {
      for (const { status, dataFile } of await readManifestEntries(metadata, manifest, source)) {
        if (status === 'deleted') continue
        addFile(bySpec, dataFile.specId, dataFile)
        addFile(byOrder, dataFile.sortOrderId, dataFile)
      }
    }
    return { specs: bySpec, orders: byOrder }
  }
}

function addFile(totals: TotalsById, id: number | null, { fileSizeBytes }: DataFile): void {
  const { fileCount, bytes } = totals.get(id) ?? { fileCount: 0, bytes: 0 }
  totals.set(id, { fileCount: fileCount + 1, bytes: bytes + fileSizeBytes })
}

function joinSides(before: TotalsById, after: TotalsById, labels: ReadonlyMap<number, string>): LayoutFiles['specs'] {
  const none = { fileCount: 0, bytes: 0 }
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => (a ?? -1) - (b ?? -1))
  return ids.map((id) => ({
    id,
    label: id === null ? null : (labels.get(id) ?? null),
    before: before.get(id) ?? none,
    after: after.get(id) ?? none,
  }))
}
