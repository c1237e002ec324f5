import type { Intent } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { commitIntents } from '@/server/changes/actions/change-table'
import { rewriteFilesRuns } from '@/server/maintenance/rewrite-files/rewrite-run'
import { queueRewrite, REWRITE_FILES } from '@/server/maintenance/rewrite-files/rewrite-task'
import type { Services } from '@/server/services'
import { commitExpiry, previewExpiryOf } from '@/testing/catalogs/expire-table'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import type { PythonSession } from '@/testing/peers/python-session'
import type { InventedClock } from './invented-clock'
import type { RowRange, RowVersion, TableOfRows } from './table-of-rows'

const NAMESPACE = 'year'
const BRANCH = 'audit'
const CODEC = 'write.parquet.compression-codec'
const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const { signal } = new AbortController()

export function toYearTable(name: string): TableIdentifier {
  return { catalog: 'local', namespace: [NAMESPACE], table: name }
}

/** Carries out the steps of a year, each at the time of the clock, in the catalog and in the model. */
export class LakeOfAYear {
  readonly #services: Services
  readonly #session: PythonSession
  readonly #clock: InventedClock
  /** Where a table was when it was dropped. */
  readonly #dropped = new Map<string, string>()

  constructor(services: Services, session: PythonSession, clock: InventedClock) {
    this.#services = services
    this.#session = session
    this.#clock = clock
  }

  async createTables(tables: readonly TableOfRows[]): Promise<void> {
    await this.#python(`${HELPERS}\ncatalog.create_namespace('${NAMESPACE}')`)
    for (const { name } of tables) await this.#python(`create('${name}')`)
  }

  /** `ours`: a load of the product; otherwise PyIceberg appends. */
  async append(table: TableOfRows, count: number, { ours = false, onBranch = false } = {}): Promise<void> {
    const range = table.append(this.#clock.nowMs, count, onBranch)
    if (ours) await loadCsv(this.#services, toYearTable(table.name), toCsv(range))
    else await this.#python(`append('${table.name}', ${range.from}, ${range.to}, ${toPython(onBranch)})`)
    await this.#finish(table, onBranch)
  }

  async delete(table: TableOfRows, gone: RowRange, onBranch = false): Promise<void> {
    table.delete(this.#clock.nowMs, gone, onBranch)
    await this.#python(`delete('${table.name}', ${gone.from}, ${gone.to}, ${toPython(onBranch)})`)
    await this.#finish(table, onBranch)
  }

  async overwrite(table: TableOfRows, gone: RowRange, count: number): Promise<void> {
    const { from, to } = table.overwrite(this.#clock.nowMs, gone, count)
    await this.#python(`overwrite('${table.name}', ${gone.from}, ${gone.to}, ${from}, ${to})`)
    await this.#finish(table)
  }

  /** Sets another codec, and the product rewrites the files to it. */
  async rewrite(table: TableOfRows, codec: string): Promise<void> {
    const base = table.codec
    const hasFiles = table.rewrite(this.#clock.nowMs, codec)
    await this.#change(table, [{ kind: 'set-property', key: CODEC, value: codec, base }])
    if (hasFiles) {
      const loaded = await this.#load(table)
      const { id } = await queueRewrite(this.#services.database, loaded, TEST_ACTOR)
      const { state, error } = await runQueuedRun(this.#services, id, {
        [REWRITE_FILES]: rewriteFilesRuns(this.#services),
      })
      if (state !== 'succeeded') throw new Error(`the rewrite failed: ${error?.detail}`)
    }
    await this.#finish(table)
  }

  async rollBack(table: TableOfRows, target: RowVersion): Promise<void> {
    const fromSnapshotId = snapshotOf(table.main)
    table.moveMain(this.#clock.nowMs, target)
    await this.#change(table, [
      { kind: 'roll-back', fromSnapshotId, toSnapshotId: snapshotOf(target), safetyTag: null },
    ])
    await this.#finish(table)
  }

  /** Moves `main` to a version that a rollback left. */
  async moveMain(table: TableOfRows, target: RowVersion): Promise<void> {
    const fromSnapshotId = snapshotOf(table.main)
    table.moveMain(this.#clock.nowMs, target)
    await this.#change(table, [
      { kind: 'set-ref', refName: 'main', fromSnapshotId, toSnapshotId: snapshotOf(target), safetyTag: null },
    ])
    await this.#finish(table)
  }

  async createBranch(table: TableOfRows): Promise<void> {
    table.branch = table.main
    const ref = {
      refName: BRANCH,
      type: 'branch',
      snapshotId: snapshotOf(table.main),
      retention: NO_RETENTION,
    } as const
    await this.#change(table, [{ kind: 'create-ref', ...ref }])
  }

  async publishBranch(table: TableOfRows): Promise<void> {
    const [fromSnapshotId, toSnapshotId] = [snapshotOf(table.main), snapshotOf(table.branch)]
    table.publishBranch(this.#clock.nowMs)
    await this.#change(table, [
      { kind: 'fast-forward', refName: 'main', fromSnapshotId, toRefName: BRANCH, toSnapshotId },
    ])
    await this.#change(table, [
      { kind: 'drop-ref', refName: BRANCH, type: 'branch', snapshotId: toSnapshotId, safetyTag: null },
    ])
    await this.#finish(table)
  }

  async addColumn({ name }: TableOfRows): Promise<void> {
    await this.#python(`add_column('${name}')`)
  }

  async drop(table: TableOfRows): Promise<void> {
    table.drop(this.#clock.nowMs)
    this.#dropped.set(table.name, await this.#python<string>(`answer = drop('${table.name}')`))
  }

  async restore(table: TableOfRows): Promise<void> {
    table.restore(this.#clock.nowMs)
    await this.#python(`restore('${table.name}', '${this.#dropped.get(table.name)}')`)
  }

  /** Expires all but the current snapshots, with the product. */
  async expire(table: TableOfRows): Promise<void> {
    table.expire()
    const identifier = toYearTable(table.name)
    const preview = await previewExpiryOf(this.#services, identifier, TEST_ACTOR)
    if (preview.intent !== null) await commitExpiry(this.#services, identifier, TEST_ACTOR, preview)
  }

  async #change({ name }: TableOfRows, intents: readonly Intent[]): Promise<void> {
    await commitIntents(this.#services, toYearTable(name), intents, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: `${NAMESPACE}.${name}`,
      committedAtMs: this.#clock.nowMs,
    })
  }

  /** The version has the snapshot that the step left. */
  async #finish(table: TableOfRows, onBranch = false): Promise<void> {
    const { metadata } = await this.#load(table)
    const version = onBranch ? table.branch : table.main
    const snapshotId = onBranch ? metadata.refs[BRANCH]?.snapshotId : metadata.currentSnapshotId
    if (version) version.snapshotId = snapshotId ?? null
  }

  async #load({ name }: TableOfRows) {
    return (await openTestCatalog(this.#services)).loadTable(toYearTable(name))
  }

  #python<Answer>(code: string): Promise<Answer> {
    return this.#session.request<Answer>({ code })
  }
}

function snapshotOf(version: RowVersion | null): string {
  if (version?.snapshotId == null) throw new Error('the table has no snapshot')
  return version.snapshotId
}

function toCsv({ from, to }: RowRange): string {
  return `id,note\n${Array.from({ length: to - from }, (_, index) => `${from + index},loaded\n`).join('')}`
}

function toPython(value: boolean): string {
  return value ? 'True' : 'False'
}

const HELPERS = `
from pyiceberg.types import StringType
def table(name): return catalog.load_table('${NAMESPACE}.' + name)
def rows(first, end): return pa.table({
  'id': pa.array(range(first, end), pa.int64()), 'note': [f'note {id % 7}' for id in range(first, end)]})
def branch(is_other): return '${BRANCH}' if is_other else 'main'
def between(first, end): return f'id >= {first} and id < {end}'
def create(name): catalog.create_table('${NAMESPACE}.' + name,
  schema=pa.schema([('id', pa.int64()), ('note', pa.string())]), properties={'${CODEC}': 'zstd'})
def append(name, first, end, is_other): table(name).append(rows(first, end), branch=branch(is_other))
def delete(name, first, end, is_other): table(name).delete(between(first, end), branch=branch(is_other))
def overwrite(name, gone, gone_end, first, end): table(name).overwrite(rows(first, end), between(gone, gone_end))
def add_column(name):
  one = table(name)
  with one.update_schema() as change: change.add_column(f'more_{len(one.schema().fields)}', StringType())
def drop(name):
  location = table(name).metadata_location
  catalog.drop_table('${NAMESPACE}.' + name)
  return location
def restore(name, location): catalog.register_table('${NAMESPACE}.' + name, location)
`
