import 'server-only'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import { currentSchema, defaultSortOrder, defaultSpec, defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { parseTransform } from '@/lib/iceberg/partitioning/transform'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findReadProblem } from '@/server/catalog/read-problem'
import type { TableServices } from './table-services'
import { countOpenProposals } from '@/server/db/catalog/proposals'
import type { MayRead } from './hidden-names'
import { maskProperties } from './mask-properties'
import { resolveRequestedState } from './requested-state'
import { readShownMetadata } from './shown-metadata'
import { snapshotFigures } from './summary-counts'
import { toWireSchema } from './wire-schema'

const MAX_TIMELINE_ENTRIES = 1_000

/** One table as the header and the tabs show it, as of a ref, a snapshot or a time. */
export async function describeTable(
  { database, keys, metadataFiles }: Pick<TableServices, 'database' | 'keys' | 'metadataFiles'>,
  table: LoadedTable,
  asOf: AsOf,
  { mayRead, signal }: { mayRead?: MayRead; signal: AbortSignal },
): Promise<Omit<TableDetail, `catalog${string}` | 'abilities'>> {
  const { metadata, metadataLocation } = table
  const resolved = resolveRequestedState(metadata, asOf, database.nowMs())
  const { snapshot, schema, refName, refType } = resolved
  const then = await readShownMetadata(metadataFiles, table, { asOf, resolved }, signal)
  return {
    tableUuid: metadata.tableUuid,
    formatVersion: metadata.formatVersion,
    unreadable: findReadProblem(table),
    location: metadata.location,
    metadataLocation,
    lastUpdatedMs: metadata.lastUpdatedMs,
    properties: maskProperties(keys, metadata.properties, metadata.tableUuid, mayRead),
    figures: snapshotFigures(snapshot),
    shown: {
      snapshotId: snapshot?.snapshotId ?? null,
      committedAtMs: snapshot?.timestampMs ?? null,
      ref: refName === null || refType === null ? null : { name: refName, type: refType },
      isCurrent: isCurrent(asOf, metadata, snapshot?.snapshotId ?? null),
    },
    schema: toWireSchema(schema),
    partitionedBy: then.metadata && defaultSpecLabel(then.metadata),
    sortedBy: then.metadata && sortOrderLabel(defaultSortOrder(then.metadata), currentSchema(then.metadata)),
    partitionSourceIds: then.metadata && partitionSourceIds(then.metadata),
    sortSourceIds: then.metadata && defaultSortOrder(then.metadata).fields.map(({ sourceId }) => sourceId),
    shownMetadata: then.metadata && {
      location: then.location,
      lastUpdatedMs: then.metadata.lastUpdatedMs,
      snapshotCount: then.metadata.snapshots.length,
      refNames: Object.keys(then.metadata.refs),
    },
    shownMetadataProblem: then.problem,
    refs: Object.entries(metadata.refs).map(([name, ref]) => ({ name, type: ref.type, snapshotId: ref.snapshotId })),
    timeline: toTimeline(metadata),
    openProposalCount: await countOpenProposals(database, {
      catalog: table.identifier.catalog,
      tableUuid: metadata.tableUuid,
    }),
  }
}

/** Without removed partition fields, which format version 1 keeps as `void`. */
function partitionSourceIds(metadata: TableMetadata): number[] {
  return defaultSpec(metadata)
    .fields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
    .map(({ sourceId }) => sourceId)
}

/**
 * Whether the current state is shown: by default, or for `main` by name. A snapshot that is requested by id stays
 * pinned, even while it is the tip.
 */
function isCurrent(asOf: AsOf, metadata: TableMetadata, snapshotId: string | null): boolean {
  if (asOf.snapshotId !== undefined || asOf.atMs !== undefined) return false
  return snapshotId === metadata.currentSnapshotId && (asOf.ref === undefined || asOf.ref === 'main')
}

function toTimeline(metadata: TableMetadata): TableDetail['timeline'] {
  const tagged = new Set(
    Object.values(metadata.refs).flatMap(({ type, snapshotId }) => (type === 'tag' ? [snapshotId] : [])),
  )
  return metadata.snapshotLog.slice(-MAX_TIMELINE_ENTRIES).map(({ snapshotId, timestampMs }) => ({
    snapshotId,
    committedAtMs: timestampMs,
    isTagged: tagged.has(snapshotId),
  }))
}
