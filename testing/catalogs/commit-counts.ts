import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Services } from '@/server/services'
import { openTestCatalog } from './test-catalog'

const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
let lastId = 0n

/** Tables of our own catalog whose commits have a summary, and no files. */
export class CountedTable {
  readonly #home: { readonly services: Services }
  readonly table: TableIdentifier

  constructor(home: { readonly services: Services }, table: TableIdentifier) {
    this.#home = home
    this.table = table
  }

  async create(): Promise<void> {
    await (await this.#open()).write({ kind: 'create-table', table: this.table, schema: SCHEMA as never })
  }

  async drop(): Promise<void> {
    await (await this.#open()).write({ kind: 'drop-table', table: this.table })
  }

  async update(...updates: readonly TableUpdate[]): Promise<void> {
    await (await this.#open()).write({ kind: 'commit-table', table: this.table, change: { requirements: [], updates } })
  }

  /** Commits a snapshot to `main`, with the total that follows from its parent. @returns its id */
  async commit(summary: Record<string, number | string>): Promise<string> {
    const { metadata } = await (await this.#open()).loadTable(this.table)
    const parent = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
    const total = (name: string, added: string, removed: string) =>
      Number(parent?.summary[name] ?? 0) + Number(summary[added] ?? 0) - Number(summary[removed] ?? 0)
    const totals = {
      'total-records': total('total-records', 'added-records', 'deleted-records'),
      'total-data-files': total('total-data-files', 'added-data-files', 'deleted-data-files'),
      'total-files-size': total('total-files-size', 'added-files-size', 'removed-files-size'),
    }
    lastId += 1n
    const snapshotId = String(9_007_199_254_740_993n + lastId)
    const texts = Object.entries({ operation: 'append', ...summary, ...totals }).map(([key, value]) => [
      key,
      String(value),
    ])
    await this.update(
      {
        action: 'add-snapshot',
        snapshot: {
          snapshotId,
          parentSnapshotId: metadata.currentSnapshotId,
          sequenceNumber: metadata.lastSequenceNumber + 1,
          timestampMs: metadata.lastUpdatedMs,
          manifestList: `${metadata.location}/metadata/snap-${snapshotId}.avro`,
          summary: Object.fromEntries(texts) as Record<string, string>,
          schemaId: 0,
        },
      },
      { action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' },
    )
    return snapshotId
  }

  /** Rolls `main` back, or forward again. */
  async moveMain(snapshotId: string): Promise<void> {
    await this.update({ action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' })
  }

  #open() {
    return openTestCatalog(this.#home.services)
  }
}
