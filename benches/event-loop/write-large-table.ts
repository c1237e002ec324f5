import { mkdirSync, writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { type DataFile, type ManifestFile, NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import { writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { avroCodecs } from '@/server/codecs/avro-codecs'

/**
 * Writes the manifests of a table of very many files with the product's own writer. Only the first data file exists:
 * the first rows need no other.
 */

const COLUMNS = 10
export const ROWS_PER_FILE = 1_000
const FILES_PER_PARTITION = 1_000
const SNAPSHOT_ID = '1'

const FIELDS = Array.from({ length: COLUMNS }, (_, i): NestedField => {
  return { id: i + 1, name: `column_${i}`, required: false, type: 'long' }
})
export const SCHEMA: Schema = { schemaId: 0, fields: FIELDS, identifierFieldIds: [] }
/** By the first column, which has one value in each file. */
export const SPEC: PartitionSpec = {
  specId: 0,
  fields: [{ fieldId: 1000, sourceId: 1, name: 'column_0', transform: 'identity' }],
}

/** @param location of the table, a `file:` URI. @returns the location of the manifest list */
export async function writeLargeSnapshot(
  location: string,
  fileCount: number,
  filesPerManifest: number,
): Promise<string> {
  const folder = new URL(location).pathname
  for (const name of ['metadata', 'data']) mkdirSync(`${folder}/${name}`, { recursive: true })
  const firstFile = encodeFirstFile()
  writeFileSync(`${folder}/data/${fileName(0)}`, firstFile)
  const manifests: ManifestFile[] = []
  for (let first = 0; first < fileCount; first += filesPerManifest) {
    // Connections that the server closes in the meantime have to be noticed.
    await setImmediate()
    const count = Math.min(filesPerManifest, fileCount - first)
    const entries = Array.from({ length: count }, (_, i) => {
      const dataFile = describeFile(location, first + i, firstFile.length)
      return { status: 'added', dataFile } as const
    })
    const header = { formatVersion: 2, content: 'data', schema: SCHEMA, spec: SPEC, snapshotId: SNAPSHOT_ID } as const
    const { bytes, summary } = writeManifest(entries, header, avroCodecs)
    const name = `metadata/manifest-${first}.avro`
    writeFileSync(`${folder}/${name}`, bytes)
    manifests.push({ ...summary, manifestPath: `${location}/${name}`, sequenceNumber: 1, minSequenceNumber: 1 })
  }
  const listHeader = { formatVersion: 2, snapshotId: SNAPSHOT_ID, parentSnapshotId: null, sequenceNumber: 1 }
  writeFileSync(`${folder}/metadata/list.avro`, writeManifestList(manifests, listHeader, avroCodecs))
  return `${location}/metadata/list.avro`
}

function fileName(file: number): string {
  return `${String(file).padStart(8, '0')}.parquet`
}

function describeFile(location: string, file: number, fileSizeBytes: number): DataFile {
  const ids = FIELDS.map(({ id }) => id)
  const counts = (count: number) => new Map(ids.map((id) => [id, count]))
  const bounds = (row: number) => new Map(ids.map((id) => [id, toBound(id === 1 ? partitionOf(file) : BigInt(row))]))
  const firstRow = file * ROWS_PER_FILE
  return {
    content: 'data',
    filePath: `${location}/data/${fileName(file)}`,
    fileFormat: 'parquet',
    specId: SPEC.specId,
    partition: [partitionOf(file)],
    recordCount: ROWS_PER_FILE,
    fileSizeBytes,
    sortOrderId: null,
    equalityIds: null,
    splitOffsets: null,
    referencedDataFile: null,
    contentOffset: null,
    contentSizeBytes: null,
    firstRowId: null,
    metrics: {
      columnSizesBytes: counts(8_000),
      valueCounts: counts(ROWS_PER_FILE),
      nullValueCounts: counts(0),
      nanValueCounts: NO_METRICS,
      lowerBounds: bounds(firstRow),
      upperBounds: bounds(firstRow + ROWS_PER_FILE - 1),
    },
  }
}

function partitionOf(file: number): bigint {
  return BigInt(Math.floor(file / FILES_PER_PARTITION))
}

function toBound(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value, true)
  return bytes
}

function encodeFirstFile(): Uint8Array {
  const encoder = createParquetEncoder(FIELDS)
  const rows = Array.from({ length: ROWS_PER_FILE }, (_, row) => BigInt(row))
  const values = new Map(FIELDS.map(({ id }) => [id, id === 1 ? rows.map(() => 0n) : rows]))
  const parts = [encoder.start(), encoder.encode(values, ROWS_PER_FILE), encoder.end()]
  return Buffer.concat(parts)
}
