import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '../avro/codecs'
import { stringifyExactJson } from '../json/exact-json'
import type { DataFile, ManifestFile } from '../manifest/manifest'
import { schemaForSpec } from '../manifest/partition-tuple'
import { type EntryToWrite, writeManifest } from '../manifest/write-manifest'
import { schemaOfId } from '../metadata/current-layout'
import type { TableMetadata } from '../metadata/table-metadata'
import type { PartitionSpec } from '../partitioning/partition-spec'
import { partitionFieldsToJson } from '../partitioning/partition-spec-json'
import type { Schema } from '../schema/types'
import type { AddedFile } from './operation'

/** A manifest of this commit. Its sequence number and row ids are assigned in the manifest list. */
export type NewManifest = Omit<ManifestFile, 'sequenceNumber' | 'minSequenceNumber'> & {
  /** Null when every live file gets the sequence number of the commit. */
  minSequenceNumber: number | null
}

/** A manifest of added files, and its entries. */
export type AddedManifest = { manifest: NewManifest; entries: readonly EntryToWrite[] }

export type ManifestWriter = {
  snapshotId: string
  codecs: AvroCodecs
  /** Stores a manifest under a new name. @returns its location */
  writeManifest(bytes: Uint8Array): Promise<string>
}

/** Entries of one new manifest: about 8 MiB, the default of Iceberg's `commit.manifest.target-size-bytes`. */
const FILES_PER_MANIFEST = 20_000

/**
 * Writes the manifests of added files, one or more for each partition spec.
 *
 * @throws {AppError} invalid-request for a spec or schema that the table does not have
 */
export async function writeAddedFiles(
  files: readonly AddedFile[],
  { metadata, schemaId, writer }: { metadata: TableMetadata; schemaId: number | null; writer: ManifestWriter },
): Promise<AddedManifest[]> {
  const manifests: AddedManifest[] = []
  for (const [specId, ofSpec] of groupBySpec(files)) {
    const layout = findLayout(metadata, specId, schemaId)
    for (let offset = 0; offset < ofSpec.length; offset += FILES_PER_MANIFEST) {
      const entries = ofSpec
        .slice(offset, offset + FILES_PER_MANIFEST)
        .map((file): EntryToWrite => ({ status: 'added', ...file }))
      manifests.push({ manifest: await writeEntries(entries, { ...layout, metadata, writer }), entries })
    }
  }
  return manifests
}

/** Writes one manifest. @param entries at least one, all of the spec and of one kind of content */
export async function writeEntries(
  entries: readonly EntryToWrite[],
  {
    metadata: { formatVersion },
    schema,
    spec,
    writer,
  }: { metadata: TableMetadata; schema: Schema; spec: PartitionSpec; writer: ManifestWriter },
): Promise<NewManifest> {
  const content = entries[0]?.dataFile.content === 'data' ? 'data' : 'deletes'
  const header = { formatVersion, content, schema, spec, snapshotId: writer.snapshotId } as const
  const { bytes, summary } = writeManifest(entries, header, writer.codecs)
  return { ...summary, manifestPath: await writer.writeManifest(bytes) }
}

/**
 * The spec of files, and a schema with its columns.
 *
 * @throws {AppError} invalid-request when the table does not have them
 */
export function findLayout(
  metadata: TableMetadata,
  specId: number,
  schemaId: number | null = null,
): { spec: PartitionSpec; schema: Schema } {
  const spec = metadata.partitionSpecs.find((one) => one.specId === specId)
  if (!spec) throw new AppError('invalid-request', `The table has no partition spec ${specId}.`, { facts: { specId } })
  if (schemaId !== null && !metadata.schemas.some((schema) => schema.schemaId === schemaId))
    throw new AppError('invalid-request', `The table has no schema ${schemaId}.`, { facts: { schemaId } })
  const schema = schemaId === null ? schemaForSpec(spec, metadata.schemas) : schemaOfId(metadata, schemaId)
  if (schema === null) throw new AppError('invalid-request', 'The table has no schema.')
  return { spec, schema }
}

/**
 * A manifest is read by the spec that it names. A spec that no manifest used may have been removed since the manifest
 * was written, and its id given to another spec.
 *
 * @throws {AppError} commit-conflict; for a table that was created again, the requirements report the difference
 */
export function requireUnchangedSpecs(specIds: Iterable<number>, before: TableMetadata, current: TableMetadata): void {
  if (current.tableUuid !== before.tableUuid) return
  for (const specId of specIds) {
    if (specText(current, specId) === specText(before, specId)) continue
    throw new AppError(
      'commit-conflict',
      `The partition spec ${specId} was removed while files were being written with it.`,
      { facts: { specId } },
    )
  }
}

function specText({ partitionSpecs }: TableMetadata, specId: number): string | null {
  const spec = partitionSpecs.find((one) => one.specId === specId)
  return spec ? stringifyExactJson(partitionFieldsToJson(spec.fields)) : null
}

function groupBySpec(files: readonly AddedFile[]): Map<number, AddedFile[]> {
  const groups = new Map<number, AddedFile[]>()
  for (const file of files) {
    const group = groups.get(file.dataFile.specId)
    if (group) group.push(file)
    else groups.set(file.dataFile.specId, [file])
  }
  return groups
}

/** Data and delete files have manifests of their own. */
export function isDeleteFile({ content }: Pick<DataFile, 'content'>): boolean {
  return content !== 'data'
}
