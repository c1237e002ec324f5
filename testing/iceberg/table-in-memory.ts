import { applyUpdates, checkRequirements } from '@/lib/iceberg/commit/apply-updates'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { SnapshotOperation, SnapshotReader } from '@/lib/iceberg/operations/operation'
import { type ProducedSnapshot, SnapshotProducer } from '@/lib/iceberg/operations/snapshot-producer'
import { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import { columnTypes } from '@/lib/scan/deletes/key-bounds'
import { readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { plainCodecs } from './plain-codecs'
import { sampleMetadata } from './sample-metadata'

let fileCount = 0

/** A table whose manifests are in memory, for tests of operations. */
export class TableInMemory {
  metadata: TableMetadata
  /** Locations of everything that was written, also by attempts that failed. */
  readonly files = new Map<string, Uint8Array>()
  #snapshotCount = 0

  constructor(overrides: Partial<TableMetadata> = {}) {
    this.metadata = sampleMetadata({
      schemas: [
        {
          schemaId: 0,
          identifierFieldIds: [],
          fields: [
            { id: 1, name: 'id', required: false, type: 'long' },
            { id: 2, name: 'city', required: false, type: 'string' },
          ],
        },
      ],
      currentSchemaId: 0,
      partitionSpecs: [{ specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'city', transform: 'identity' }] }],
      snapshots: [],
      snapshotLog: [],
      refs: {},
      currentSnapshotId: null,
      lastSequenceNumber: 0,
      properties: {},
      ...overrides,
    })
  }

  readonly reader: SnapshotReader = {
    readManifests: (metadata, snapshot) => readSnapshotManifests({ metadata, snapshot }, this.#source),
    readEntries: (metadata, manifest) => readManifestEntries(metadata, manifest, this.#source),
    indexDeletes: (metadata, entries) => new DeleteIndex(entries, metadata.partitionSpecs, columnTypes(metadata)),
  }
  readonly #source = {
    readFile: async (location: string) => this.files.get(location) ?? throwMissing(location),
    codecs: plainCodecs,
  }

  createProducer(
    operation: SnapshotOperation,
    { branch = 'main', nowMs = 0, mergesManifests = false } = {},
  ): SnapshotProducer {
    this.#snapshotCount += 1
    const snapshotId = String(9_007_199_254_740_993n + BigInt(this.#snapshotCount))
    const write = async (kind: string, bytes: Uint8Array) => {
      fileCount += 1
      const location = `mem:${kind}-${fileCount}`
      this.files.set(location, bytes)
      return location
    }
    const writer = {
      snapshotId,
      codecs: plainCodecs,
      writeManifest: (bytes: Uint8Array) => write('manifest', bytes),
      writeManifestList: (bytes: Uint8Array) => write('list', bytes),
      nowMs: () => nowMs,
    }
    return new SnapshotProducer(operation, { branch, reader: this.reader, writer, mergesManifests })
  }

  /** Commits as a catalog does. */
  apply({ requirements, updates }: TableChange): void {
    checkRequirements(this.metadata, requirements)
    this.metadata = applyUpdates(this.metadata, updates, { nowMs: this.metadata.lastUpdatedMs + 1 })
  }

  async commit(
    operation: SnapshotOperation,
    options: { branch?: string; nowMs?: number; mergesManifests?: boolean } = {},
  ): Promise<ProducedSnapshot> {
    const produced = await this.createProducer(operation, options).produce(this.metadata)
    this.apply(produced.change)
    return produced
  }

  snapshot(snapshotId = this.metadata.currentSnapshotId): Snapshot {
    const found = this.metadata.snapshots.find((one) => one.snapshotId === snapshotId)
    if (!found) throw new Error(`the table has no snapshot ${snapshotId}`)
    return found
  }

  async manifests(snapshotId?: string): Promise<readonly ManifestFile[]> {
    return this.reader.readManifests(this.metadata, this.snapshot(snapshotId))
  }

  async entries(snapshotId?: string): Promise<ManifestEntry[]> {
    const manifests = await this.manifests(snapshotId)
    return (await Promise.all(manifests.map((one) => this.reader.readEntries(this.metadata, one)))).flat()
  }

  /** The file of an entry of the tip, as a writer that planned on it has it. */
  async file(filePath: string): Promise<DataFile> {
    const entry = (await this.entries()).find(
      ({ status, dataFile }) => status !== 'deleted' && dataFile.filePath === filePath,
    )
    if (!entry) throw new Error(`the table has no file ${filePath}`)
    return entry.dataFile
  }

  /** Locations and data sequence numbers of the live files, in order of their locations. */
  async liveFiles(snapshotId?: string): Promise<[string, number][]> {
    return (await this.entries(snapshotId))
      .filter(({ status }) => status !== 'deleted')
      .map(({ dataFile, sequenceNumber }): [string, number] => [dataFile.filePath, sequenceNumber])
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function throwMissing(location: string): never {
  throw new Error(`${location} was not written`)
}
