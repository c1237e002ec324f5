import { AppError } from '@/lib/errors'
import {
  type CommitSoFar,
  type MetadataDraft,
  type StatisticsList,
  setMember,
  statisticsSnapshotId,
} from './metadata-draft'
import type { JsonObject } from './types'

/**
 * The updates of what a table carries along: properties, statistics files, encryption keys, its format version.
 *
 * Spec: Iceberg table spec, *Table Metadata*, *Table Statistics*, *Partition Statistics*, *Encryption Keys*.
 */

const LATEST_FORMAT_VERSION = 3

/** @throws {AppError} invalid-request for one before the table's own or one this program does not know */
export function upgradeFormatVersion(draft: MetadataDraft, formatVersion: number): void {
  const upgraded = knownFormatVersion(formatVersion)
  if (upgraded < draft.formatVersion) {
    throw new AppError('invalid-request', `Cannot downgrade v${draft.formatVersion} table to v${formatVersion}`)
  }
  draft.formatVersion = upgraded
  // Rows that are there already get their ids when they are rewritten, so the counting begins with the next row.
  if (upgraded > 2) draft.nextRowId ??= '0'
}

/** @throws {AppError} invalid-request */
export function knownFormatVersion(formatVersion: number): MetadataDraft['formatVersion'] {
  if (formatVersion === 1 || formatVersion === 2 || formatVersion === 3) return formatVersion
  const supported = `(supported: v${LATEST_FORMAT_VERSION})`
  throw new AppError('invalid-request', `Unsupported format version: v${formatVersion} ${supported}`, {
    facts: { formatVersion },
  })
}

export function setProperties(
  draft: MetadataDraft,
  commit: CommitSoFar,
  updates: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(updates)) {
    if (Object.hasOwn(draft.properties, key) && draft.properties[key] === value) continue
    const properties = commit.ownRecord(draft.properties)
    setMember(properties, key, value)
    draft.properties = properties
  }
}

export function removeProperties(draft: MetadataDraft, commit: CommitSoFar, removals: readonly string[]): void {
  for (const key of removals) {
    if (!Object.hasOwn(draft.properties, key)) continue
    const properties = commit.ownRecord(draft.properties)
    delete properties[key]
    draft.properties = properties
  }
}

/** Replaces the one of the same snapshot. */
export function setStatistics(draft: MetadataDraft, commit: CommitSoFar, list: StatisticsList, file: JsonObject): void {
  const snapshotId = statisticsSnapshotId(file)
  if (snapshotId === null) throw new AppError('invalid-request', 'A statistics file names no snapshot')
  removeStatistics(draft, commit, list, String(snapshotId))
  commit.addStatistics(draft, list, file, snapshotId)
}

export function removeStatistics(
  draft: MetadataDraft,
  commit: CommitSoFar,
  list: StatisticsList,
  snapshotId: string,
): void {
  const id = BigInt(snapshotId)
  if (!commit.statisticsOf(draft, list).has(id)) return
  draft[list] = draft[list].filter((file) => statisticsSnapshotId(file) !== id)
}

/** A key that is there already stays as it is. */
export function addEncryptionKey(draft: MetadataDraft, commit: CommitSoFar, key: JsonObject): void {
  if (draft.encryptionKeys.some((known) => known['key-id'] === key['key-id'])) return
  const keys = commit.own(draft.encryptionKeys)
  keys.push(key)
  draft.encryptionKeys = keys
}

export function removeEncryptionKey(draft: MetadataDraft, keyId: string): void {
  const kept = draft.encryptionKeys.filter((known) => known['key-id'] !== keyId)
  if (kept.length < draft.encryptionKeys.length) draft.encryptionKeys = kept
}
