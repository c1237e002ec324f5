import 'server-only'
import type { z } from 'zod'
import type { ComparedSnapshot, listDifferingFiles, SnapshotComparison } from '@/lib/contract/table/comparison'
import { MAX_LISTED_FILES } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import type { ResolvedAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { keepMatching } from '@/lib/scan/compare/keep-matching'
import { planDifference } from '@/lib/scan/compare/plan-difference'
import { compareLayouts } from '@/lib/scan/compare/layout-changes'
import { compareProperties } from '@/lib/scan/compare/schema-changes'
import { planScan, type ScanPlan } from '@/lib/scan/plan/scan-plan'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { cacheScope, createManifestSource } from '../files/live-files'
import type { MayRead } from '../hidden-names'
import { maskProperties } from '../mask-properties'
import { resolveRequestedState } from '../requested-state'
import { readShownMetadata } from '../shown-metadata'
import { tallyLayoutFiles } from './layout-files'
import type { OpenScan } from './open-scan'
import { describeFiles } from './planned-files'
import { bindWhere } from './scan-filter'
import { buildScanPlan } from './scan-plan'

/** Enough files for most comparisons. */
const FIRST_PAGE_FILES = 200

type Sides<T> = { before: T; after: T }

/**
 * The files that only one of two snapshots has, with a token for each side.
 *
 * @param options.where leaves out files without a row that can pass the filter
 * @throws {AppError} as `buildScanPlan` for either side; too-large as `planDifference`
 */
export async function buildComparison(
  services: Pick<TableServices, 'database' | 'keys' | 'manifestCache' | 'metadataFiles'>,
  table: LoadedTable,
  asOf: Sides<AsOf>,
  {
    userId,
    where,
    mayRead,
    signal,
  }: { userId: string; where?: string | undefined; mayRead?: MayRead; signal: AbortSignal },
): Promise<SnapshotComparison> {
  const { metadata, store } = table
  const nowMs = services.database.nowMs()
  const [before, after] = [await openSide(asOf.before), await openSide(asOf.after)]
  const difference = await planDifference(before.plan, after.plan, { signal })
  const tallied = await tallyLayoutFiles(
    metadata,
    { before: before.plan, after: after.plan },
    createManifestSource(services.manifestCache, table, { store, signal }),
  )
  const ofMetadata = await compareMetadata(services, table, { before, after }, { mayRead, signal })
  const matching = (side: ComparedSide, tasks: readonly ScanTask[]) => {
    if (where === undefined) return tasks
    return keepMatching(tasks, bindWhere(where, { metadata, schema: side.resolved.schema }), metadata)
  }
  const onlyBefore = matching(before, difference.onlyBefore)
  const onlyAfter = matching(after, difference.onlyAfter)
  return {
    before: await describeSide(metadata, before, after, onlyBefore),
    after: await describeSide(metadata, after, before, onlyAfter),
    shared: { fileCount: after.plan.fileCount - difference.onlyAfter.length },
    redeletedFileCount: countOnBothSides(onlyBefore, onlyAfter),
    ...ofMetadata,
    ...tallied,
  }

  async function openSide(one: AsOf): Promise<ComparedSide> {
    const resolved = resolveRequestedState(metadata, one, nowMs)
    const signed = await buildScanPlan(services, table, one, { store, userId, nowMs, where, signal })
    const source = createManifestSource(services.manifestCache, table, { store, signal })
    const { snapshot } = resolved
    const plan = await planScan({ metadata, snapshot }, source, services.manifestCache.plansFor(cacheScope(table)))
    return { asOf: one, resolved, signed, plan }
  }
}

function countOnBothSides(before: readonly ScanTask[], after: readonly ScanTask[]): number {
  const paths = new Set(before.map(({ filePath }) => filePath))
  return new Set(after.flatMap(({ filePath }) => (paths.has(filePath) ? [filePath] : []))).size
}

type ComparedSide = {
  asOf: AsOf
  resolved: ResolvedAsOf
  signed: Awaited<ReturnType<typeof buildScanPlan>>
  plan: ScanPlan
}

async function describeSide(
  metadata: TableMetadata,
  { signed, plan, resolved: { snapshot } }: ComparedSide,
  other: ComparedSide,
  tasks: readonly ScanTask[],
): Promise<ComparedSnapshot> {
  const page = await describeFiles(metadata, plan, tasks.slice(0, FIRST_PAGE_FILES))
  const otherId = other.resolved.snapshot?.snapshotId
  const steps = snapshot === null ? -1 : ancestorIds(metadata, snapshot.snapshotId).indexOf(otherId ?? '')
  return {
    ...signed,
    ...page,
    nextFile: tasks[page.files.length]?.fileIndex ?? null,
    differing: {
      fileCount: tasks.length,
      rowCount: tasks.reduce((sum, { recordCount }) => sum + recordCount, 0),
      bytes: tasks.reduce((sum, { fileSizeBytes }) => sum + fileSizeBytes, 0),
    },
    operation: snapshot?.summary['operation'] ?? null,
    commitCount: steps < 0 ? null : steps,
  }
}

async function compareMetadata(
  { keys, metadataFiles }: Pick<TableServices, 'keys' | 'metadataFiles'>,
  table: LoadedTable,
  { before, after }: Sides<ComparedSide>,
  { mayRead, signal }: { mayRead: MayRead | undefined; signal: AbortSignal },
): Promise<
  Pick<SnapshotComparison, 'properties' | 'propertiesProblem' | 'layout' | 'sharesMetadata' | 'unknownSides'>
> {
  const [old, current] = [
    await readShownMetadata(metadataFiles, table, before, signal),
    await readShownMetadata(metadataFiles, table, after, signal),
  ]
  if (old.metadata === null || current.metadata === null) {
    return {
      properties: null,
      propertiesProblem: old.problem ?? current.problem,
      layout: null,
      sharesMetadata: false,
      unknownSides: [
        ...(old.metadata === null ? (['before'] as const) : []),
        ...(current.metadata === null ? (['after'] as const) : []),
      ],
    }
  }
  const masked = ({ properties, tableUuid }: TableMetadata) => maskProperties(keys, properties, tableUuid, mayRead)
  return {
    properties: compareProperties(masked(old.metadata), masked(current.metadata)),
    propertiesProblem: null,
    layout: compareLayouts(old.metadata, current.metadata),
    sharesMetadata: old.location === table.metadataLocation && current.location === table.metadataLocation,
    unknownSides: [],
  }
}

type PageInput = Omit<z.output<typeof listDifferingFiles.input>, 'token' | 'other'>

/** @throws {AppError} invalid-request for scans of two tables; as `planDifference` */
export async function listDifferingFilePage(
  scan: OpenScan,
  other: OpenScan,
  { fromFile = 0, limit = MAX_LISTED_FILES }: PageInput,
  signal: AbortSignal,
): Promise<z.output<typeof listDifferingFiles.output>> {
  if (scan.table.metadata.tableUuid !== other.table.metadata.tableUuid)
    throw new AppError('invalid-request', 'The two scans are of different tables.')
  if (limit < 1 || limit > MAX_LISTED_FILES)
    throw new AppError('invalid-request', `The limit must be from 1 to ${MAX_LISTED_FILES}.`)
  const { onlyAfter } = await planDifference(other.plan, scan.plan, { signal })
  const following = onlyAfter.filter(({ fileIndex }) => fileIndex >= fromFile)
  const { metadata } = scan.table
  const tasks = scan.predicate ? keepMatching(following, scan.predicate, metadata) : following
  const page = await describeFiles(metadata, scan.plan, tasks.slice(0, limit))
  return { ...page, nextFile: tasks[page.files.length]?.fileIndex ?? null }
}
