import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'
import { ancestorIds } from '../../iceberg/metadata/snapshot-graph'
import type { Snapshot, SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { expirySettings, refRetainedUntilMs } from './expiry-settings'

/**
 * The criteria that a person chose; otherwise the table's properties decide. Refs with limits of their own keep to
 * those.
 */
export type ExpiryRequest = {
  nowMs: number
  /** Snapshots from before this time may go. */
  olderThanMs?: number
  /** How many snapshots of each branch stay in any case, at least 1. */
  retainLast?: number
  /** Snapshots that go in any case, unless a ref names them. */
  snapshotIds?: readonly string[]
}

export type Retention = {
  /** Names, in the order of the metadata. */
  retainedRefs: readonly string[]
  expiredRefs: readonly string[]
  /** All snapshots, in the order of the metadata. */
  snapshots: readonly SnapshotRetention[]
}

export type SnapshotRetention = {
  snapshotId: string
  /** The refs that keep it. */
  retainedByRefs: readonly string[]
  /** The first of these that keeps it: `main`, any other ref, or that it is young although no ref reaches it. */
  retainedBy: 'main' | 'other-refs' | 'age' | null
}

/**
 * Decides which snapshots an expiry retains and removes. A branch keeps its newest snapshots by number and by age, a
 * tag its snapshot; refs other than `main` expire by the age of their snapshot. A snapshot that no ref reaches stays
 * until it is old enough. The reference implementation decides the same.
 *
 * Spec: Iceberg table spec, *Snapshot Retention Policy*.
 *
 * @throws {AppError} invalid-request when refs name some of `snapshotIds`, or a limit is not a number; not-found for
 *   ids that the table does not have. Each names up to five of the ids.
 */
export function retainedSnapshots(metadata: TableMetadata, request: ExpiryRequest): Retention {
  const limits = readLimits(metadata, request)
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const refs = Object.entries(metadata.refs)
  const retainedRefs = refs.filter(([name, ref]) => isRefRetained(name, ref, byId, request.nowMs, limits.maxRefAgeMs))
  const removedIds = new Set(request.snapshotIds)
  requireUnreferenced(removedIds, byId, retainedRefs)

  const refsById = new Map<string, Set<string>>()
  const referencedIds = new Set<string>()
  const keep = (snapshotId: string, refName: string): void => {
    refsById.set(snapshotId, (refsById.get(snapshotId) ?? new Set()).add(refName))
  }
  for (const [name, ref] of retainedRefs) {
    const reached = reachedIds(metadata, ref)
    for (const snapshotId of reached) referencedIds.add(snapshotId)
    keep(ref.snapshotId, name)
    for (const snapshotId of retainedOfBranch(ref, reached, byId, { ...limits, nowMs: request.nowMs }))
      keep(snapshotId, name)
  }
  const isYoung = ({ snapshotId, timestampMs }: Snapshot): boolean =>
    !referencedIds.has(snapshotId) && timestampMs >= limits.olderThanMs
  return {
    retainedRefs: retainedRefs.map(([name]) => name),
    expiredRefs: refs.filter((entry) => !retainedRefs.includes(entry)).map(([name]) => name),
    snapshots: metadata.snapshots.map((snapshot): SnapshotRetention => {
      const { snapshotId } = snapshot
      if (removedIds.has(snapshotId)) return { snapshotId, retainedByRefs: [], retainedBy: null }
      const retainedByRefs = [...(refsById.get(snapshotId) ?? [])]
      if (retainedByRefs.includes(MAIN_BRANCH)) return { snapshotId, retainedByRefs, retainedBy: 'main' }
      if (retainedByRefs.length > 0) return { snapshotId, retainedByRefs, retainedBy: 'other-refs' }
      return { snapshotId, retainedByRefs, retainedBy: isYoung(snapshot) ? 'age' : null }
    }),
  }
}

/** Snapshots that a ref reaches, newest first: a branch with all ancestors, a tag only its own. */
export function reachedIds(metadata: TableMetadata, { type, snapshotId }: SnapshotRef): readonly string[] {
  return type === 'branch' ? ancestorIds(metadata, snapshotId) : [snapshotId]
}

type Limits = { olderThanMs: number; retainLast: number; maxRefAgeMs: number }

function readLimits(metadata: TableMetadata, { nowMs, olderThanMs, retainLast }: ExpiryRequest): Limits {
  const settings = expirySettings(metadata)
  if ('invalid' in settings) {
    throw new AppError('invalid-request', `The property ${settings.invalid} of the table is not a whole number.`, {
      facts: { property: settings.invalid },
    })
  }
  if (retainLast !== undefined && !(retainLast >= 1))
    throw new AppError('invalid-request', 'At least one snapshot of each branch has to stay.', {
      facts: { retainLast },
    })
  return {
    olderThanMs: olderThanMs ?? nowMs - settings.maxSnapshotAgeMs,
    retainLast: retainLast ?? settings.minSnapshotsToKeep,
    maxRefAgeMs: settings.maxRefAgeMs,
  }
}

function isRefRetained(
  name: string,
  ref: SnapshotRef,
  byId: ReadonlyMap<string, Snapshot>,
  nowMs: number,
  maxRefAgeMs: number,
): boolean {
  const tip = byId.get(ref.snapshotId)
  if (tip === undefined) return name === MAIN_BRANCH
  return nowMs <= refRetainedUntilMs({ ...ref, isMain: name === MAIN_BRANCH }, tip.timestampMs, { maxRefAgeMs })
}

/** From the tip down to the first snapshot that is too old and not among the newest ones. */
function retainedOfBranch(
  ref: SnapshotRef,
  reached: readonly string[],
  byId: ReadonlyMap<string, Snapshot>,
  { nowMs, olderThanMs, retainLast }: Limits & { nowMs: number },
): readonly string[] {
  if (ref.type === 'tag') return []
  const minCount = ref.minSnapshotsToKeep ?? retainLast
  const oldestMs = ref.maxSnapshotAgeMs === undefined ? olderThanMs : nowMs - ref.maxSnapshotAgeMs
  const firstExpired = reached.findIndex(
    (snapshotId, index) => index >= minCount && (byId.get(snapshotId)?.timestampMs ?? 0) < oldestMs,
  )
  return firstExpired === -1 ? reached : reached.slice(0, firstExpired)
}

function requireUnreferenced(
  snapshotIds: ReadonlySet<string>,
  byId: ReadonlyMap<string, Snapshot>,
  refs: readonly (readonly [string, SnapshotRef])[],
): void {
  const namesById = new Map<string, string[]>()
  for (const [name, { snapshotId }] of refs) namesById.set(snapshotId, [...(namesById.get(snapshotId) ?? []), name])
  const unknown = [...snapshotIds].filter((snapshotId) => !byId.has(snapshotId))
  const referenced = [...snapshotIds].flatMap((snapshotId) => {
    const names = namesById.get(snapshotId)
    return names === undefined || !byId.has(snapshotId) ? [] : [{ snapshotId, names: textOf(names) }]
  })
  const [firstUnknown] = unknown
  const [first] = referenced
  const sentences = [...unknownSentences(unknown), ...referencedSentences(referenced)].join(' ')
  if (firstUnknown !== undefined) throw new AppError('not-found', sentences, { facts: { snapshotId: firstUnknown } })
  if (first)
    throw new AppError('invalid-request', sentences, { facts: { snapshotId: first.snapshotId, refs: first.names } })
}

function unknownSentences(snapshotIds: readonly string[]): string[] {
  if (snapshotIds.length === 0) return []
  return [`The table has no ${snapshotIds.length === 1 ? 'snapshot' : 'snapshots'} ${textOf(snapshotIds)}.`]
}

function referencedSentences(referenced: readonly { snapshotId: string; names: string }[]): string[] {
  const [first] = referenced
  if (!first) return []
  if (referenced.length === 1) return [`Snapshot ${first.snapshotId} cannot expire while ${first.names} names it.`]
  const each = referenced.map(({ snapshotId, names }) => `${snapshotId} (${names})`)
  return [`Snapshots cannot expire while a branch or a tag names them: ${textOf(each)}.`]
}

const MAX_NAMED = 5

function textOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
