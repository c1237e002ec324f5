import { AppError } from '@/lib/errors'
import { JsonFields } from '../json/json-fields'
import type { Snapshot, SnapshotRef } from './table-metadata'
import type { Json, JsonObject } from '../json/json'

/**
 * Snapshots and refs as JSON, in metadata files and in REST commits. The 64-bit ids are decimal text in memory and
 * plain integers in JSON.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Snapshot References*, appendix C, *Table Metadata and Snapshots*.
 */

/** @throws {AppError} file-damaged naming the field */
export function snapshotFromJson(json: Json, path: string): Snapshot {
  const object = new JsonFields(json, path)
  const manifestList = object.has('manifest-list') ? object.text('manifest-list') : null
  return {
    snapshotId: object.long('snapshot-id'),
    parentSnapshotId: object.has('parent-snapshot-id') ? object.long('parent-snapshot-id') : null,
    sequenceNumber: object.has('sequence-number') ? object.count('sequence-number') : 0,
    timestampMs: object.count('timestamp-ms'),
    manifestList,
    ...(manifestList === null && object.has('manifests') && { manifests: object.texts('manifests') }),
    summary: object.textMap('summary'),
    schemaId: object.has('schema-id') ? object.int('schema-id') : null,
    ...(object.has('first-row-id') && { firstRowId: object.long('first-row-id') }),
    ...(object.has('added-rows') && { addedRows: object.long('added-rows') }),
    ...(object.has('key-id') && { keyId: object.text('key-id') }),
    ...object.rest(),
  }
}

/** In v1 a snapshot has no sequence number. */
export function snapshotToJson(snapshot: Snapshot, formatVersion: number): JsonObject {
  return {
    ...snapshot.unknownFields,
    'snapshot-id': BigInt(snapshot.snapshotId),
    ...(snapshot.parentSnapshotId !== null && { 'parent-snapshot-id': BigInt(snapshot.parentSnapshotId) }),
    ...(formatVersion > 1 && { 'sequence-number': snapshot.sequenceNumber }),
    'timestamp-ms': snapshot.timestampMs,
    ...(snapshot.manifestList !== null && { 'manifest-list': snapshot.manifestList }),
    ...(snapshot.manifests !== undefined && { manifests: snapshot.manifests }),
    ...(Object.keys(snapshot.summary).length > 0 && { summary: snapshot.summary }),
    ...(snapshot.schemaId !== null && { 'schema-id': snapshot.schemaId }),
    ...(snapshot.firstRowId !== undefined && { 'first-row-id': BigInt(snapshot.firstRowId) }),
    ...(snapshot.addedRows !== undefined && { 'added-rows': BigInt(snapshot.addedRows) }),
    ...(snapshot.keyId !== undefined && { 'key-id': snapshot.keyId }),
  }
}

/** @throws {AppError} file-damaged naming the field */
export function refFromJson(json: Json, path: string): SnapshotRef {
  return readRef(new JsonFields(json, path))
}

/**
 * Reads a ref from an object that may have further members; members that the caller has read are not part of the ref.
 */
export function readRef(object: JsonFields): SnapshotRef {
  const type = object.text('type').toLowerCase()
  if (type !== 'branch' && type !== 'tag') {
    throw new AppError('file-damaged', `Field ${object.pathOf('type')} should be branch or tag but is ${type}`)
  }
  return {
    snapshotId: object.long('snapshot-id'),
    type,
    ...(object.has('min-snapshots-to-keep') && { minSnapshotsToKeep: object.int('min-snapshots-to-keep') }),
    ...(object.has('max-snapshot-age-ms') && { maxSnapshotAgeMs: object.count('max-snapshot-age-ms') }),
    ...(object.has('max-ref-age-ms') && { maxRefAgeMs: object.count('max-ref-age-ms') }),
    ...object.rest(),
  }
}

export function refToJson(ref: SnapshotRef): JsonObject {
  return {
    ...ref.unknownFields,
    'snapshot-id': BigInt(ref.snapshotId),
    type: ref.type,
    ...(ref.minSnapshotsToKeep !== undefined && { 'min-snapshots-to-keep': ref.minSnapshotsToKeep }),
    ...(ref.maxSnapshotAgeMs !== undefined && { 'max-snapshot-age-ms': ref.maxSnapshotAgeMs }),
    ...(ref.maxRefAgeMs !== undefined && { 'max-ref-age-ms': ref.maxRefAgeMs }),
  }
}
