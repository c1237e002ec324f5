import { AppError } from '@/lib/errors'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { expirySettings } from './expiry-settings'
import { decideRetention, findRetainedRefs, type Retainable, type Retention, type RetentionLimits } from './retention'

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

/**
 * Decides what an expiry by a request retains, as {@link decideRetention} does.
 *
 * @throws {AppError} invalid-request when refs name some of `snapshotIds`, or a limit is not a number; not-found for
 *   ids that the table does not have. Each names up to five of the ids.
 */
export function retainedSnapshots(
  metadata: Retainable & Pick<TableMetadata, 'properties'>,
  request: ExpiryRequest,
): Retention {
  const limits = readLimits(metadata, request)
  const removedIds = new Set(request.snapshotIds)
  const knownIds = new Set(metadata.snapshots.map(({ snapshotId }) => snapshotId))
  requireUnreferenced(removedIds, knownIds, findRetainedRefs(metadata, limits))
  return decideRetention(metadata, limits, removedIds)
}

function readLimits(
  metadata: Pick<TableMetadata, 'properties'>,
  { nowMs, olderThanMs, retainLast }: ExpiryRequest,
): RetentionLimits {
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
    nowMs,
    olderThanMs: olderThanMs ?? nowMs - settings.maxSnapshotAgeMs,
    retainLast: retainLast ?? settings.minSnapshotsToKeep,
    maxRefAgeMs: settings.maxRefAgeMs,
  }
}

function requireUnreferenced(
  snapshotIds: ReadonlySet<string>,
  knownIds: ReadonlySet<string>,
  refs: readonly (readonly [string, SnapshotRef])[],
): void {
  const namesById = new Map<string, string[]>()
  for (const [name, { snapshotId }] of refs) namesById.set(snapshotId, [...(namesById.get(snapshotId) ?? []), name])
  const unknown = [...snapshotIds].filter((snapshotId) => !knownIds.has(snapshotId))
  const referenced = [...snapshotIds].flatMap((snapshotId) => {
    const names = namesById.get(snapshotId)
    return names === undefined || !knownIds.has(snapshotId) ? [] : [{ snapshotId, names: textOf(names) }]
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
