import { AppError } from '@/lib/errors'
import {
  type CommitState,
  type MetadataDraft,
  type StatisticsList,
  setMember,
  statisticsSnapshotId,
} from './metadata-draft'
import { FORMAT_VERSION_PROPERTY, isReservedProperty } from '../properties/table-properties'
import { LATEST_FORMAT_VERSION } from '../metadata/supported-format'
import type { JsonObject } from '../json/json'

/**
 * The updates of a table's properties, statistics files, encryption keys and format version.
 *
 * Spec: Iceberg table spec, *Table Metadata*, *Table Statistics*, *Partition Statistics*, *Encryption Keys*.
 */

/**
 * @throws {AppError} invalid-request for a version below the table's own or one that is not supported, and if a
 *   snapshot names its manifests without a manifest list, which only v1 allows
 */
export function upgradeFormatVersion(draft: MetadataDraft, formatVersion: number): void {
  const upgraded = toFormatVersion(formatVersion)
  if (upgraded < draft.formatVersion) {
    throw new AppError('invalid-request', `Cannot downgrade v${draft.formatVersion} table to v${formatVersion}`)
  }
  const unlistedSnapshot = upgraded > 1 ? draft.snapshots.find(({ manifestList }) => manifestList === null) : undefined
  if (upgraded > draft.formatVersion && unlistedSnapshot !== undefined) {
    const { snapshotId } = unlistedSnapshot
    throw new AppError(
      'invalid-request',
      `Cannot upgrade to v${upgraded}: snapshot ${snapshotId} has no manifest list. Expire it first`,
      { facts: { snapshotId } },
    )
  }
  draft.formatVersion = upgraded
  // Existing rows get their row ids with the next snapshot (`assignRowIds`).
  if (upgraded > 2) draft.nextRowId ??= '0'
}

/** @throws {AppError} invalid-request */
export function toFormatVersion(formatVersion: number): MetadataDraft['formatVersion'] {
  if (formatVersion === 1 || formatVersion === 2 || formatVersion === 3) return formatVersion
  const supported = `(supported: v${LATEST_FORMAT_VERSION})`
  throw new AppError('invalid-request', `Unsupported format version: v${formatVersion} ${supported}`, {
    facts: { formatVersion },
  })
}

/**
 * The version that the property `format-version` asks for.
 *
 * @throws {AppError} invalid-request
 */
export function parseFormatVersion(text: string): MetadataDraft['formatVersion'] {
  if (/^\d$/.test(text)) return toFormatVersion(Number(text))
  throw new AppError('invalid-request', `${FORMAT_VERSION_PROPERTY} is 1, 2 or 3, not ${text}`)
}

/**
 * Names of metadata fields are not stored as properties: `format-version` upgrades the table, as it does for Java's
 * `UpdateProperties`; the next commit would contradict the others.
 *
 * @throws {AppError} invalid-request for a reserved property other than `format-version`, and for an invalid upgrade
 */
export function setProperties(
  draft: MetadataDraft,
  commit: CommitState,
  updates: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(updates)) {
    if (key === FORMAT_VERSION_PROPERTY) {
      upgradeFormatVersion(draft, parseFormatVersion(value))
      continue
    }
    if (isReservedProperty(key)) {
      throw new AppError('invalid-request', `${key} is part of the table’s metadata and cannot be set as a property`, {
        facts: { property: key },
      })
    }
    if (Object.hasOwn(draft.properties, key) && draft.properties[key] === value) continue
    const properties = commit.writableRecord(draft.properties)
    setMember(properties, key, value)
    draft.properties = properties
  }
}

export function removeProperties(draft: MetadataDraft, commit: CommitState, removals: readonly string[]): void {
  for (const key of removals) {
    if (!Object.hasOwn(draft.properties, key)) continue
    const properties = commit.writableRecord(draft.properties)
    delete properties[key]
    draft.properties = properties
  }
}

/** Replaces the statistics of the same snapshot. */
export function setStatistics(draft: MetadataDraft, commit: CommitState, list: StatisticsList, file: JsonObject): void {
  const snapshotId = statisticsSnapshotId(file)
  if (snapshotId === null) throw new AppError('invalid-request', 'A statistics file names no snapshot')
  removeStatistics(draft, commit, list, String(snapshotId))
  commit.addStatistics(draft, list, file, snapshotId)
}

export function removeStatistics(
  draft: MetadataDraft,
  commit: CommitState,
  list: StatisticsList,
  snapshotId: string,
): void {
  const id = BigInt(snapshotId)
  if (!commit.statisticsSnapshotIds(draft, list).has(id)) return
  draft[list] = draft[list].filter((file) => statisticsSnapshotId(file) !== id)
}

/** An existing key stays unchanged. */
export function addEncryptionKey(draft: MetadataDraft, commit: CommitState, key: JsonObject): void {
  if (draft.encryptionKeys.some((known) => known['key-id'] === key['key-id'])) return
  const keys = commit.writableList(draft.encryptionKeys)
  keys.push(key)
  draft.encryptionKeys = keys
}

export function removeEncryptionKey(draft: MetadataDraft, keyId: string): void {
  const remaining = draft.encryptionKeys.filter((known) => known['key-id'] !== keyId)
  if (remaining.length < draft.encryptionKeys.length) draft.encryptionKeys = remaining
}
