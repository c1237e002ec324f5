import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { PartitionField } from '@/lib/iceberg/partitioning/partition-spec'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import type { Services } from '@/server/services'
import { runOperation } from '@/server/table/commit/run-operation'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'

const FIELDS = [
  { id: 1, name: 'day', required: false, type: 'int' },
  { id: 2, name: 'city', required: false, type: 'string' },
] as const
export const BY_DAY: PartitionField = { sourceId: 1, fieldId: 1000, name: 'day', transform: 'identity' }
export const BY_CITY: PartitionField = { sourceId: 2, fieldId: 1001, name: 'city', transform: 'identity' }

let fileCount = 0

/** A table of our own catalog whose manifests have files that do not exist. */
export class PartitionedTable {
  readonly #services: Services
  readonly identifier: TableIdentifier

  constructor(services: Services, table: string) {
    this.#services = services
    this.identifier = { catalog: 'local', namespace: ['shop'], table }
  }

  async create(fields: readonly PartitionField[], formatVersion = 2): Promise<void> {
    const catalog = await openTestCatalog(this.#services)
    if ((await catalog.listNamespaces(null)).length === 0)
      await catalog.write({ kind: 'create-namespace', namespace: ['shop'], properties: {} })
    await catalog.write(
      {
        kind: 'create-table',
        table: this.identifier,
        schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
        partitionSpec: { specId: 0, fields },
        properties: { 'format-version': String(formatVersion) },
      },
      // Commits may be of days before.
      { committedAtMs: 1 },
    )
  }

  /** @returns the snapshot */
  async commit(
    name: 'append' | 'overwrite' | 'delete' | 'replace',
    { added = [], removed = [], atMs }: { added?: readonly DataFile[]; removed?: readonly DataFile[]; atMs?: number },
  ): Promise<string> {
    const catalog = await openTestCatalog(this.#services)
    const { metadata, store } = await catalog.loadTable(this.identifier)
    await runOperation(
      this.#services.log,
      {
        catalog,
        store,
        identifier: this.identifier,
        auditAction: 'test',
        actor: TEST_ACTOR,
        signal: new AbortController().signal,
        ...(atMs !== undefined && { committedAtMs: Math.max(atMs, metadata.lastUpdatedMs + 1) }),
      },
      async () => ({ operation: { ...appendOperation(added, { schemaId: 0 }), name, removed } }),
    )
    return (await this.load()).metadata.currentSnapshotId ?? ''
  }

  async update(...updates: readonly TableUpdate[]): Promise<void> {
    const catalog = await openTestCatalog(this.#services)
    await catalog.write({ kind: 'commit-table', table: this.identifier, change: { requirements: [], updates } })
  }

  async moveMain(snapshotId: string): Promise<void> {
    await this.update({ action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' })
  }

  async drop(): Promise<void> {
    await (await openTestCatalog(this.#services)).write({ kind: 'drop-table', table: this.identifier })
  }

  async load() {
    return (await openTestCatalog(this.#services)).loadTable(this.identifier)
  }

  async files(): Promise<LiveFile[]> {
    const loaded = await this.load()
    return readLiveFiles(this.#services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  }

  /** A data file of a partition; ten bytes for each row. */
  async file(rows: number, partition: DataFile['partition'], specId = 0): Promise<DataFile> {
    const number = (fileCount += 1)
    const { location } = (await this.load()).metadata
    return {
      ...sampleDataFile(`${location}/data/${number}.parquet`),
      specId,
      partition,
      recordCount: rows,
      fileSizeBytes: rows * 10,
    }
  }
}
