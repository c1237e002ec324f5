import type { CommitEffort } from './commit-detail'
import { MAIN_BRANCH } from '../iceberg/metadata/main-branch'
import type { Snapshot, TableMetadata } from '../iceberg/metadata/table-metadata'
import type { TableEvent } from './table-event'
import { isNewSince, type KnownVersion, toKnownVersion } from './known-version'
import { listMainMoves, type MainMove } from './main-moves'
import { readSnapshotFacts, type SnapshotFacts } from './snapshot-facts'

/** A new version of a table, as far as facts need it: what differs from the known version. */
export type VersionDescription = {
  moves: readonly MainMove[]
  /** After the moves `main` was removed, so the table has no rows, as after `CREATE OR REPLACE TABLE`; otherwise null. */
  emptied: { atMs: number; fromId: string } | null
  /** New snapshots that are not on `main`, in order of commit, and the branch that has each; null: none has it. */
  offMain: readonly { commit: SnapshotFacts; branch: string | null }[]
  events: readonly TableEvent[]
  version: KnownVersion
  /** How the catalog committed this version; absent if it is not ours, and in descriptions of earlier builds. */
  effort?: CommitEffort
}

/** An event names at most so many properties and expired snapshots. */
const MAX_LISTED = 50

/**
 * Describes what a version of a table changed. It costs one pass over the snapshots, and never throws because of what
 * the metadata says.
 *
 * @param known null: nothing is known of the table yet, so the whole history that it still has is described
 * @param before the metadata of the known version; null if it was not read
 */
export function describeVersion(
  known: KnownVersion | null,
  before: TableMetadata | null,
  after: TableMetadata,
): VersionDescription {
  const version = toKnownVersion(after, known)
  const moves = listMainMoves(known, before, after)
  const lastId = moves.at(-1)?.toId ?? known?.mainSnapshotId ?? null
  const isEmptied = after.currentSnapshotId === null && lastId !== null
  return {
    moves,
    emptied: isEmptied ? { atMs: after.lastUpdatedMs, fromId: lastId } : null,
    offMain: listOffMain(known, before, after, moves),
    events: known === null ? [] : listEvents(known, version, before, after),
    version,
  }
}

function listOffMain(
  known: KnownVersion | null,
  before: TableMetadata | null,
  after: TableMetadata,
  moves: readonly MainMove[],
): VersionDescription['offMain'] {
  const entered = new Set(moves.flatMap((move) => move.entered.map(({ commit }) => commit.snapshotId)))
  // A snapshot that an undo put back is not in the version before, and is older than it.
  const added = missingFrom(before?.snapshots ?? [], after.snapshots).filter(
    (snapshot) => !entered.has(snapshot.snapshotId) && (known === null || isNewSince(known, snapshot)),
  )
  if (added.length === 0) return []
  const branches = branchesOf(after)
  return added.map((snapshot) => ({
    commit: readSnapshotFacts(snapshot),
    branch: branches.get(snapshot.snapshotId) ?? null,
  }))
}

/** The snapshots of a list that another one does not have. A commit that only adds some shares the others. */
function missingFrom(other: readonly Snapshot[], list: readonly Snapshot[]): readonly Snapshot[] {
  const shared = Math.min(other.length, list.length)
  const differsAt = list.slice(0, shared).findIndex((snapshot, index) => snapshot !== other[index])
  if (differsAt < 0) return list.slice(shared)
  const ids = new Set(other.map(({ snapshotId }) => snapshotId))
  return list.filter(({ snapshotId }) => !ids.has(snapshotId))
}

/** The branch of each snapshot that `main` does not have. A snapshot of several branches is of the first by name. */
function branchesOf({ refs, snapshots }: TableMetadata): Map<string, string> {
  const parents = new Map(snapshots.map(({ snapshotId, parentSnapshotId }) => [snapshotId, parentSnapshotId]))
  const branches = new Map<string, string>()
  const names = Object.keys(refs)
    .filter((name) => refs[name]?.type === 'branch')
    .sort((a, b) => Number(b === MAIN_BRANCH) - Number(a === MAIN_BRANCH) || (a < b ? -1 : 1))
  for (const name of names) {
    let next: string | null = refs[name]?.snapshotId ?? null
    while (next !== null && parents.has(next) && !branches.has(next)) {
      branches.set(next, name)
      next = parents.get(next) ?? null
    }
  }
  return branches
}

function listEvents(
  known: KnownVersion,
  version: KnownVersion,
  before: TableMetadata | null,
  after: TableMetadata,
): TableEvent[] {
  const atMs = after.lastUpdatedMs
  const changed = <Id extends number>(
    kind: 'schema' | 'partition-spec' | 'sort-order' | 'format-version',
    a: Id,
    b: Id,
  ) => (a === b ? [] : [{ atMs, kind, fromId: a, toId: b }])
  return [
    ...changed('schema', known.schemaId, version.schemaId),
    ...changed('partition-spec', known.specId, version.specId),
    ...changed('sort-order', known.sortOrderId, version.sortOrderId),
    ...changed('format-version', known.formatVersion, version.formatVersion),
    ...propertyEvents(known, version, atMs),
    ...refEvents(known, version, atMs),
    ...expiryEvents(known, before, after),
  ]
}

function propertyEvents(known: KnownVersion, version: KnownVersion, atMs: number): TableEvent[] {
  const names = new Set([...Object.keys(known.properties), ...Object.keys(version.properties)])
  const valueOf = (properties: KnownVersion['properties'], name: string) =>
    Object.hasOwn(properties, name) ? properties[name] : undefined
  const changed = [...names].filter((name) => valueOf(known.properties, name) !== valueOf(version.properties, name))
  if (changed.length === 0) return []
  return [{ atMs, kind: 'properties', names: changed.sort().slice(0, MAX_LISTED), count: changed.length }]
}

function refEvents(known: KnownVersion, version: KnownVersion, atMs: number): TableEvent[] {
  const names = new Set([...Object.keys(known.refs), ...Object.keys(version.refs)])
  return [...names].sort().flatMap((name): TableEvent[] => {
    const from = Object.hasOwn(known.refs, name) ? known.refs[name] : undefined
    const to = Object.hasOwn(version.refs, name) ? version.refs[name] : undefined
    if (from?.snapshotId === to?.snapshotId && from?.type === to?.type) return []
    const type = (to ?? from)?.type ?? 'branch'
    return [{ atMs, kind: 'ref', name, type, fromId: from?.snapshotId ?? null, toId: to?.snapshotId ?? null }]
  })
}

/** Without the metadata before, only a smaller number of snapshots shows that some expired. */
function expiryEvents(known: KnownVersion, before: TableMetadata | null, after: TableMetadata): TableEvent[] {
  const atMs = after.lastUpdatedMs
  if (before === null) {
    const count = known.snapshotCount - after.snapshots.length
    return count > 0 ? [{ atMs, kind: 'expiry', count, isAtLeast: true }] : []
  }
  const count = missingFrom(after.snapshots, before.snapshots).length
  return count > 0 ? [{ atMs, kind: 'expiry', count, isAtLeast: false }] : []
}
