import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { LoadLanding, LoadOperation } from '@/lib/ingest/load-landing'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { toDataFile } from '@/server/data-files/write/data-file'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import type { Run } from '@/server/db/jobs/runs'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, queueIngest, toFileLocation, type UploadedInput } from '@/server/ingest/run/ingest-spec'
import { parsePartitionSpec } from '@/server/ingest/run/partition-text'
import type { RunStage } from '@/server/ingest/run/run-child'
import { stageInput } from '@/server/ingest/stage/stage-input'
import type { Services } from '@/server/services'
import { appendFiles } from '@/server/table/commit/append-files'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { appendBytes } from '@/server/uploads/append-bytes'
import { PartMemory } from '@/server/uploads/part-memory'
import { createUpload } from '@/server/uploads/create-upload'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { queryDuckdb } from './test-staging'
import { runQueuedRun } from './load-table'

export type LandingTableOptions = {
  /** Absent: one that no other table has, which differs from run to run. */
  name?: string
  fields: readonly NestedField[]
  identifierFieldIds?: readonly number[]
  partitionBy?: string | null
  sortOrder?: SortOrder
  properties?: Readonly<Record<string, string>>
}

export type LandingOptions = Partial<LoadLanding> & {
  /** CSV by default. */
  format?: InputFormat
  /** Happens once, when the input is staged and before anything is committed. */
  afterStaging?: () => Promise<unknown>
}

/** A file, or several texts of CSV. */
type LandingInput = string | Uint8Array | readonly string[]

/** The columns of {@link LANDING_STEPS}: the key, a column to partition by, and a value. */
export const LANDED_FIELDS: readonly NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'city', required: false, type: 'string' },
  { id: 3, name: 'n', required: false, type: 'int' },
]

type LandingStep = { csv: string; operation: LoadOperation; branch: string | null; where?: string }

/** Loads of one table, of every operation, with repeated keys, with rows that move and with files that are emptied. */
export const LANDING_STEPS: readonly LandingStep[] = (
  [
    ['append', null, '1,a,1\n2,a,2\n3,b,3\n4,b,4\n5,c,5\n6,,6'],
    ['upsert', null, '2,b,20\n5,a,50\n7,c,70\n7,a,71\n7,b,72\n8,a,8'],
    ['upsert', null, '9007199254740993,a,1\n3,a,30\n1,a,10'],
    ['append', 'audit', '20,d,20'],
    ['upsert', 'audit', '20,a,21\n6,a,60'],
    ['replace-partitions', null, '30,b,30\n31,d,31'],
    ['upsert', null, '30,,0'],
    ['replace-table', 'audit', '40,e,40'],
    ['replace-table', null, '41,e,41\n42,f,42\n43,f,43'],
    ['replace-where', null, '50,f,50\n51,g,51', 'n > 41 and id != 43'],
    ['replace-where', 'audit', '60,g,60', 'city = "g"'],
  ] as const
).map(([operation, branch, rows, where]) => ({
  operation,
  branch,
  csv: `id,city,n\n${rows}\n`,
  ...(where !== undefined && { where }),
}))

let tableCount = 0

const NO_CHECKS = { checksum: null, memory: new PartMemory(), requireWriter: async () => {} }

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A table into which tests load rows in every way, and that other writers change in between. */
export class LandingTable {
  readonly identifier: TableIdentifier
  readonly #services: Services

  private constructor(services: Services, identifier: TableIdentifier) {
    this.#services = services
    this.identifier = identifier
  }

  static async create(
    services: Services,
    { name, fields, identifierFieldIds = [], partitionBy = null, sortOrder, properties = {} }: LandingTableOptions,
  ): Promise<LandingTable> {
    const catalog = await openTestCatalog(services)
    const namespace = ['landing']
    if (!(await catalog.listNamespaces(null)).some(([level]) => level === 'landing'))
      await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
    const identifier = { catalog: services.config.catalogName, namespace, table: name ?? `t${(tableCount += 1)}` }
    const schema = { schemaId: 0, identifierFieldIds, fields }
    const partitionSpec = parsePartitionSpec(partitionBy, schema)
    await catalog.write({ kind: 'create-table', table: identifier, schema, partitionSpec, properties })
    const table = new LandingTable(services, identifier)
    if (sortOrder)
      await table.update([
        { action: 'add-sort-order', sortOrder },
        { action: 'set-default-sort-order', sortOrderId: sortOrder.orderId },
      ])
    return table
  }

  async loaded(): Promise<LoadedTable> {
    return (await openTestCatalog(this.#services)).loadTable(this.identifier)
  }

  async update(updates: readonly TableUpdate[]): Promise<void> {
    const catalog = await openTestCatalog(this.#services)
    await catalog.write({ kind: 'commit-table', table: this.identifier, change: { requirements: [], updates } })
  }

  /** Loads a CSV, a file of another format, or several CSVs in their order, with a worker in this process. A conflict is not waited for: retries fail the test. */
  async load(
    input: LandingInput,
    operation: LoadOperation,
    { branch = null, branchMustExist, where, format = 'csv', afterStaging = async () => {} }: LandingOptions = {},
  ): Promise<Run> {
    let isStaged = false
    const runStage: RunStage = async (request, { onProgress }) => {
      const staged = await stageInput(request, onProgress)
      if (!isStaged) await afterStaging()
      isStaged = true
      return staged
    }
    const id = await queueIngest(
      this.#services.database,
      this.identifier,
      {
        input:
          typeof input === 'string' || input instanceof Uint8Array
            ? [{ location: toFileLocation(this.#writeInput(input)) }]
            : await this.#upload(input),
        format,
        ignoreExtra: false,
        maxRejectedRows: 0,
        loadAgain: true,
        create: null,
        landing: {
          operation,
          branch,
          ...(branchMustExist && { branchMustExist }),
          ...(where !== undefined && { where }),
        },
      },
      COMMAND_LINE,
    )
    return runQueuedRun(this.#services, id, { [INGEST]: ingestRuns(this.#services, runStage) })
  }

  /** The same; it has to succeed. */
  async landed(input: LandingInput, operation: LoadOperation, options: LandingOptions = {}): Promise<Run> {
    const run = await this.load(input, operation, options)
    if (run.state !== 'succeeded') throw new Error(`the load ${run.state}: ${run.error?.detail}`)
    return run
  }

  /** Loads a CSV while another writer acts once, right before the first manifest of the load is written. */
  async landWhile(
    act: () => Promise<unknown>,
    csv: string,
    operation: LoadOperation,
    options: LandingOptions = {},
  ): Promise<Run> {
    const store = this.#services.stores.catalogStore(this.identifier.catalog)
    const { writeNew } = store
    let hasActed = false
    store.writeNew = async (location, bytes) => {
      if (!hasActed && location.endsWith('.avro')) {
        hasActed = true
        await act()
      }
      return writeNew(location, bytes)
    }
    try {
      const run = await this.load(csv, operation, options)
      if (!hasActed) throw new Error(`the load wrote no manifest: ${run.error?.detail}`)
      return run
    } finally {
      store.writeNew = writeNew
    }
  }

  /** Appends rows as another writer does, while a load runs. @param branch `main` by default */
  async appendAsOther(csv: string, branch = 'main'): Promise<void> {
    const { metadata, store } = await this.loaded()
    const [schema, spec] = [currentSchema(metadata), defaultSpec(metadata)]
    const { homeDir } = this.#services.config
    const stagingDir = mkdtempSync(path.join(homeDir, 'other-'))
    const rejects = path.join(stagingDir, 'rejects')
    const { files } = await stageInput({
      input: {
        path: this.#writeInput(csv),
        name: 'other.csv',
        pathValues: new Map(),
        format: 'csv',
        ignoreExtra: false,
        csv: CSV_DEFAULTS,
        mapping: BY_NAME,
        loadedAtMs: 0,
      },
      schema,
      rules: [],
      keyFiles: { folder: stagingDir, earlierNames: [] },
      spec,
      sortOrder: null,
      stagingDir,
      rejects: { file: rejects, location: 'file:///none', recordsFile: `${rejects}-records` },
      maxRejectedRows: 0,
      fileStem: 'other',
      write: parseWriteSettings(metadata.properties, schema, () => {}),
      limits: { memoryMiB: 256, threads: 1, tempMiB: 1024 },
    })
    const placed = files.map((file) => {
      const location = dataFileLocation(file, metadata, { spec, schema })
      return { file, dataFile: toDataFile(file, location, { specId: spec.specId, sortOrderId: 0 }) }
    })
    for (const { file, dataFile } of placed) await store.importFile(file.stagedPath, dataFile.filePath)
    await appendFiles(this.#services.log, {
      catalog: await openTestCatalog(this.#services),
      store,
      identifier: this.identifier,
      branch,
      files: placed.map(({ dataFile }) => dataFile),
      specId: spec.specId,
      schemaId: schema.schemaId,
      actor: TEST_ACTOR,
      signal: new AbortController().signal,
    })
  }

  /** The rows of a branch, each value as text, in a fixed order, by the product's reader. */
  async rows(branch = 'main'): Promise<(string | null)[][]> {
    const table = await this.loaded()
    const tipId = table.metadata.refs[branch]?.snapshotId
    if (tipId === undefined) return []
    const rows = await readTableRows(table, tipId)
    // The last two values are the lineage.
    return rows.map((row) => (JSON.parse(row) as (string | null)[]).slice(0, -2))
  }

  /** The values of the column `id` of a data file, by position. */
  async idsInFile({ dataFile }: LiveFile): Promise<string[]> {
    const local = this.#services.stores.localPath(dataFile.filePath)
    const rows = await queryDuckdb(
      `SELECT id::VARCHAR FROM read_parquet('${local}', file_row_number = true) ORDER BY file_row_number`,
    )
    return rows.map(([id]) => (typeof id === 'string' ? id : ''))
  }

  /** Data and delete files of a branch. */
  async files(branch = 'main'): Promise<LiveFile[]> {
    const table = await this.loaded()
    const { metadata, store } = table
    const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.refs[branch]?.snapshotId)
    return readLiveFiles(this.#services.manifestCache, table, snapshot ?? null, { store })
  }

  async dataFiles(branch = 'main'): Promise<LiveFile[]> {
    return (await this.files(branch)).filter(({ dataFile }) => dataFile.content === 'data')
  }

  /** The summary of the tip of a branch. */
  async summary(branch = 'main'): Promise<Readonly<Record<string, string>>> {
    const { metadata } = await this.loaded()
    const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.refs[branch]?.snapshotId)
    return tip?.summary ?? {}
  }

  async #upload(files: readonly string[]): Promise<UploadedInput[]> {
    const inputs: UploadedInput[] = []
    for (const [i, text] of files.entries()) {
      const [name, bytes] = [`part-${i}.csv`, Buffer.from(text)]
      const file = { target: this.identifier, fileName: name, sizeBytes: bytes.length }
      const upload = await createUpload(this.#services, TEST_ACTOR, file)
      const { uploadId } = await appendBytes(this.#services, upload, once(bytes), NO_CHECKS)
      inputs.push({ uploadId, name })
    }
    return inputs
  }

  #writeInput(input: string | Uint8Array): string {
    const file = path.join(this.#services.config.homeDir, `landing-${Math.random()}`)
    writeFileSync(file, input)
    return file
  }
}
