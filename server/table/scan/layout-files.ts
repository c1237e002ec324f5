import 'server-only'
import pMap from 'p-map'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import type { ScanPlan } from '@/lib/scan/plan/scan-plan'
import { type ManifestSource, readManifestEntries } from '@/lib/scan/snapshot-manifests'

/** All manifests of both snapshots are read, which a comparison of rows does not need. */
const MAX_TALLIED_FILES = 5_000
/** Each is a read of the store, unless it is cached. The limit is for each snapshot. */
const MAX_TALLIED_MANIFESTS = 100
const CONCURRENCY = 8

type LayoutFiles = NonNullable<SnapshotComparison['layoutFiles']>
type Totals = { fileCount: number; bytes: number }
/** By the id of a spec or an order; null for files that record no order. */
type TotalsById = Map<number | null, Totals>
type TalliedPlan = Pick<ScanPlan, 'fileCount'> & {
  manifests: readonly Pick<ScanPlan['manifests'][number], 'manifest'>[]
}
type Tally = { specs: TotalsById; orders: TotalsById }
type Tallied = Pick<SnapshotComparison, 'layoutFiles' | 'layoutFilesProblem'>

/**
 * The live data files of two snapshots by partition spec and by sort order. They are not counted if either snapshot has
 * more files than `maxFiles` or too many manifests, or if a manifest cannot be read: a comparison of rows may not need
 * it.
 *
 * @throws {AppError} cancelled
 */
export async function tallyLayoutFiles(
  metadata: TableMetadata,
  { before, after }: { before: TalliedPlan; after: TalliedPlan },
  source: ManifestSource,
  maxFiles = MAX_TALLIED_FILES,
): Promise<Tallied> {
  if (Math.max(before.fileCount, after.fileCount) > maxFiles) {
    const layoutFilesProblem = `A snapshot has more than ${formatCount(maxFiles)} data files.`
    return { layoutFiles: null, layoutFilesProblem }
  }
  if (Math.max(before.manifests.length, after.manifests.length) > MAX_TALLIED_MANIFESTS)
    return { layoutFiles: null, layoutFilesProblem: `A snapshot has more than ${MAX_TALLIED_MANIFESTS} manifests.` }
  try {
    return { layoutFiles: join(await tally(before), await tally(after)), layoutFilesProblem: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error
    return { layoutFiles: null, layoutFilesProblem: error.message }
  }

  function join(old: Tally, current: Tally): LayoutFiles {
    const schema = currentSchema(metadata)
    const specs = new Map(metadata.partitionSpecs.map((spec) => [spec.specId, specLabel(spec, schema)]))
    const orders = new Map(metadata.sortOrders.map((order) => [order.orderId, sortOrderLabel(order, schema)]))
    return {
      specs: joinSides(old.specs, current.specs, specs),
      orders: joinSides(old.orders, current.orders, orders),
    }
  }

  async function tally({ manifests }: TalliedPlan): Promise<Tally> {
    const [bySpec, byOrder]: [TotalsById, TotalsById] = [new Map(), new Map()]
    const read = ({ manifest }: (typeof manifests)[number]) => readManifestEntries(metadata, manifest, source)
    for (const { status, dataFile } of (await pMap(manifests, read, { concurrency: CONCURRENCY })).flat()) {
      if (status === 'deleted') continue
      addFile(bySpec, dataFile.specId, dataFile)
      addFile(byOrder, dataFile.sortOrderId, dataFile)
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
