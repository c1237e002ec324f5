import 'server-only'
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { counted } from '@/lib/format/count'
import type { DataFile } from '@/lib/iceberg/manifest'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { partitionPath } from '@/lib/iceberg/partition-spec'
import { propertyValue } from '@/lib/iceberg/property-value'
import { assignFreshIds } from '@/lib/iceberg/schema'
import type { PartitionSpec, TableMetadata } from '@/lib/iceberg/table-metadata'
import type { JsonObject, Schema } from '@/lib/iceberg/types'
import { grantsOfRole } from '@/lib/permissions'
import { type Actor, requirePermission } from '@/server/auth/actor'
import type { CatalogClient, Committed, LoadedTable } from '@/server/catalog/catalog-client'
import { openCatalog } from '@/server/catalog/open-catalog'
import { config } from '@/server/config'
import { auditId, auditStatement } from '@/server/db/audit'
import { keepFileSizes } from '@/server/db/data-file-sizes'
import { type Run, type RunProgress, readRun } from '@/server/db/jobs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { appendFiles, newSnapshotId } from '@/server/table/append-files'
import { auditOfCommit } from '@/server/table/audit-of-commit'
import { version } from '@/package.json'
import { type IngestOutcome, ingestOutcomeOf } from './ingest-outcome'
import { type IngestSpec, ingestSpecOf, partitionSpecOf, readSchema } from './ingest-spec'
import type { RunStage } from './run-child'
import type { StagedFile, StageLimits, StageResult } from './stage-request'
import { writeSettings } from './write-settings'

/** The format version whose data and manifests are written here. */
const WRITTEN_FORMAT = 2

/**
 * One run of ingest: stages the input in a process apart, moves the files to the table, appends them as one snapshot.
 * What it is about to put where others could find it stands in the run's journal first.
 */
export function ingestRuns(runStage: RunStage, limits: StageLimits = DEFAULT_LIMITS): RunKind {
  return {
    mostAtOnce: MOST_AT_ONCE,
    retryOn: ['catalog-unavailable', 'commit-conflict'],
    work: (run, context) => new Ingest(ofTable(run), context, runStage, limits).run(),
    settle: (run) => settle(ofTable(run)),
    tidy,
  }
}

/** Reading one file keeps a machine of two cores busy. */
const MOST_AT_ONCE = 1

const MAX_FOLDER_NAME_BYTES = 200
const DEFAULT_LIMITS: StageLimits = { memoryMiB: 256, threads: 2, tempMiB: 64 * 1024 }

/** What a run has put, or is about to put, into the table's folder. */
const journal = z.object({
  /** Of the table, when it was made by the run itself. */
  createdTableUuid: z.string().nullable(),
  snapshotId: z.string().nullable(),
  /** Data files and the append's own metadata files. */
  locations: z.array(z.string()),
  /** What the run will have done when its snapshot is there. */
  outcome: z.record(z.string(), z.json()).nullable(),
})
type Journal = z.output<typeof journal>

/** What the staged rows are written against: a table as it is, or as it will be made. */
type Target = {
  schema: Schema
  spec: PartitionSpec
  properties: Readonly<Record<string, string>>
  table: LoadedTable | null
}

type IngestRun = Run & { table: TableRef }

class Ingest {
  readonly #run: IngestRun
  readonly #context: RunContext
  readonly #runStage: RunStage
  readonly #limits: StageLimits
  readonly #spec: IngestSpec
  readonly #actor: Actor
  readonly #journal: Journal = { createdTableUuid: null, snapshotId: null, locations: [], outcome: null }
  #progress: RunProgress = { phase: 'starting', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: 0 }

  constructor(run: IngestRun, context: RunContext, runStage: RunStage, limits: StageLimits) {
    this.#run = run
    this.#context = context
    this.#runStage = runStage
    this.#limits = limits
    this.#spec = ingestSpecOf(run.spec)
    this.#actor = actorOf(run)
  }

  async run(): Promise<JsonObject> {
    const { table: ref } = this.#run
    const { signal } = this.#context
    requirePermission(this.#actor, 'table:write', ref)
    const bytesTotal = await inputBytes(this.#spec.file)
    this.#report({ bytesTotal })
    this.#context.log(`Reading ${path.basename(this.#spec.file)}, ${formatBytes(bytesTotal)}.`)
    const catalog = await openCatalog(ref.catalog, this.#actor)
    const target = await this.#target(catalog)
    const folder = path.join(stagingRoot(), `${this.#run.id}-${this.#run.attempt}`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    try {
      const staged = await this.#stage(target, folder)
      signal.throwIfAborted()
      this.#logStaged(staged)
      return { ...(await this.#commit(catalog, target, staged, bytesTotal)) }
    } catch (error) {
      const isUnknown = error instanceof AppError && error.code === 'commit-state-unknown'
      if (!isUnknown) await takeAway(catalog, this.#run, this.#journal)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #target(catalog: CatalogClient): Promise<Target> {
    const { create } = this.#spec
    const table = await loadIfThere(catalog, this.#run)
    if (table && create) {
      throw new AppError('already-exists', `${label(this.#run)} is there already: load into it without a schema.`)
    }
    if (table) {
      const { metadata } = table
      requireWritten(metadata.formatVersion)
      return { schema: currentSchema(metadata), spec: defaultSpec(metadata), properties: metadata.properties, table }
    }
    if (!create) {
      throw new AppError('not-found', `There is no table ${label(this.#run)}. A schema makes it (--create-schema).`)
    }
    requireWritten(Number(propertyValue(create.properties, 'format-version') ?? WRITTEN_FORMAT))
    // The ids the catalog will give: the files carry them before the table is there.
    const { schema } = assignFreshIds(readSchema(create.schema))
    return { schema, spec: partitionSpecOf(create.partitionBy, schema), properties: create.properties, table: null }
  }

  async #stage({ schema, spec, properties }: Target, stagingDir: string): Promise<StageResult> {
    const rejectsDir = path.join(config().homeDir, 'rejects')
    await mkdir(rejectsDir, { recursive: true, mode: 0o700 })
    const { file, format, ignoreExtra, maxRejectedRows } = this.#spec
    const rejectsFile = this.#rejectsFile()
    await rm(rejectsFile, { force: true })
    return this.#runStage(
      {
        input: { path: file, format, ignoreExtra },
        schema,
        spec,
        stagingDir,
        rejectsFile,
        maxRejectedRows,
        fileStem: `${fileStem(this.#run.table.table)}_data_${utcDay(this.#run.createdAtMs)}`,
        write: writeSettings(properties),
        limits: this.#limits,
      },
      { signal: this.#context.signal, onProgress: (progress) => this.#report(progress) },
    )
  }

  #logStaged({ files, rowsRead, rowsRejected }: StageResult): void {
    const storedBytes = sum(files.map(({ fileSizeBytes }) => fileSizeBytes))
    this.#context.log(
      `${counted(rowsRead, 'row')} read; ${counted(files.length, 'file')} written, ${formatBytes(storedBytes)}.`,
    )
    if (rowsRejected > 0) this.#context.log(`${counted(rowsRejected, 'row')} left out: they do not fit.`, 'warning')
  }

  async #commit(
    catalog: CatalogClient,
    target: Target,
    staged: StageResult,
    bytesTotal: number,
  ): Promise<IngestOutcome> {
    const { signal } = this.#context
    this.#report({ phase: 'committing' })
    const table = target.table ?? (await this.#createTable(catalog, target))
    const { metadata } = table
    const { store } = table
    if (staged.files.length === 0) {
      this.#context.log('The input has no rows: no snapshot is made.')
      return this.#outcome(staged, null)
    }

    const placed = staged.files.map((file) => ({ file, location: locationOf(file, metadata, target) }))
    this.#journal.snapshotId = newSnapshotId()
    this.#journal.locations = placed.map(({ location }) => location)
    const outcome = this.#outcome(staged, this.#journal.snapshotId)
    this.#journal.outcome = { ...outcome }
    await this.#context.saveJournal(this.#journal)
    for (const { file, location } of placed) {
      signal.throwIfAborted()
      await store.importFile(file.stagedPath, location)
    }
    await appendFiles({
      catalog,
      store,
      ref: this.#run.table,
      files: placed.map(({ file, location }) => dataFile(file, location, target.spec.specId)),
      specId: target.spec.specId,
      schemaId: target.schema.schemaId,
      snapshotId: this.#journal.snapshotId,
      summary: {
        'engine-name': 'Lakeshore',
        'engine-version': version,
        'lakeshore.run-id': this.#run.id,
        'lakeshore.input-bytes': String(bytesTotal),
        'lakeshore.input-format': this.#spec.format,
        'lakeshore.input-name': path.basename(this.#spec.file),
        ...(staged.rowsRejected > 0 && { 'lakeshore.rejected-rows': String(staged.rowsRejected) }),
      },
      beforeWrite: async (location) => {
        this.#journal.locations.push(location)
        await this.#context.saveJournal(this.#journal)
      },
      alongside: () => [
        ...placed.map(({ file, location }) => keepFileSizes(metadata.tableUuid, location, file.sizes)),
        this.#context.succeeded({ ...outcome }),
      ],
      actor: this.#actor,
      signal,
    })
    this.#context.log(`${counted(outcome.rowsCommitted, 'row')} appended as snapshot ${this.#journal.snapshotId}.`)
    return outcome
  }

  async #createTable(catalog: CatalogClient, { schema, spec, properties }: Target): Promise<LoadedTable> {
    const options = {
      signal: this.#context.signal,
      alongside: (committed: Committed) => {
        this.#journal.createdTableUuid = committed.after.metadata.tableUuid
        const atMs = Date.now()
        const audit = auditOfCommit(committed, { actor: this.#actor, action: 'create-table', requestId: null })
        return [this.#context.journalStatement(this.#journal), auditStatement(audit, { id: auditId(atMs), atMs })]
      },
    }
    this.#context.log(`Making the table ${label(this.#run)}.`)
    await ensureNamespace(catalog, this.#run.table.namespace)
    return catalog.createTable(this.#run.table, { schema, partitionSpec: spec, properties }, options)
  }

  #outcome({ files, rowsRead, rowsRejected }: StageResult, snapshotId: string | null): IngestOutcome {
    return {
      snapshotId,
      rowsRead,
      rowsCommitted: sum(files.map((file) => file.recordCount)),
      rowsRejected,
      rejectsFile: rowsRejected > 0 ? this.#rejectsFile() : null,
      fileCount: files.length,
      storedBytes: sum(files.map((file) => file.fileSizeBytes)),
    }
  }

  #rejectsFile(): string {
    return path.join(config().homeDir, 'rejects', `${this.#run.id}.ndjson`)
  }

  #report(change: Partial<RunProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#context.report(this.#progress)
  }
}

/**
 * Said before anything is read or made, rather than when the files are there.
 *
 * @throws {AppError} not-supported
 */
function requireWritten(formatVersion: number): void {
  if (formatVersion === WRITTEN_FORMAT) return
  throw new AppError(
    'not-supported',
    `Rows are loaded into tables of format version ${WRITTEN_FORMAT}; this one is of version ${formatVersion}.`,
    { facts: { formatVersion } },
  )
}

/** Files whose snapshot is in the table stay; where it is not they are taken away. */
async function settle(run: IngestRun): Promise<JsonObject | null> {
  await removeStaging(run)
  if (run.journal === null) return null
  const left = journal.parse(run.journal)
  const catalog = await openCatalog(run.table.catalog, actorOf(run))
  const table = await loadIfThere(catalog, run)
  const isCommitted = table?.metadata.snapshots.some(({ snapshotId }) => snapshotId === left.snapshotId) ?? false
  if (isCommitted && left.outcome) return { ...ingestOutcomeOf(left.outcome) }
  await takeAway(catalog, run, left)
  return null
}

/** Removes what a run put where others could find it, and the table it made when nobody has used it. */
async function takeAway(
  catalog: CatalogClient,
  run: IngestRun,
  { createdTableUuid, locations }: Journal,
): Promise<void> {
  const store = await catalog.openStore(run.table)
  for (const location of locations) await store.remove(location)
  if (createdTableUuid === null) return
  const table = await loadIfThere(catalog, run)
  if (table?.metadata.tableUuid !== createdTableUuid || table.metadata.snapshots.length > 0) return
  const atMs = Date.now()
  await catalog.dropTable(run.table, {
    alongside: ({ metadataLocation }) => [
      auditStatement(
        {
          actor: run.actor,
          action: 'drop-table',
          table: run.table,
          tableUuid: createdTableUuid,
          before: { metadataLocation },
          after: null,
          requestId: null,
          undoes: null,
        },
        { id: auditId(atMs), atMs },
      ),
    ],
  })
  await store.remove(table.metadataLocation)
}

/** Of every try of the run. */
function removeStaging({ id }: Run): Promise<void> {
  return removeStagingOf((runId) => runId === id)
}

/** What was staged and moved to its table is gone from here, but not where the worker died right after. */
function tidy(): Promise<void> {
  return removeStagingOf((runId) => readRun(runId)?.state !== 'running')
}

async function removeStagingOf(isUnwanted: (runId: string) => boolean): Promise<void> {
  const root = stagingRoot()
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const name of await readdir(root)) {
    const [, runId] = /^([0-9A-Z]{26})-\d+$/.exec(name) ?? []
    if (runId !== undefined && isUnwanted(runId)) await rm(path.join(root, name), { recursive: true, force: true })
  }
}

function ofTable(run: Run): IngestRun {
  const { table } = run
  if (!table) throw new AppError('invalid-request', 'A file is loaded into a table, and this run names none.')
  return { ...run, table }
}

function actorOf({ actor }: Run): Actor {
  return { ...actor, grants: grantsOfRole(actor.role) }
}

async function inputBytes(file: string): Promise<number> {
  try {
    const found = await stat(file)
    if (found.isFile()) return found.size
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  throw new AppError('file-missing', `There is no file ${file}.`, { facts: { file } })
}

async function loadIfThere(catalog: CatalogClient, { table }: IngestRun): Promise<LoadedTable | null> {
  try {
    return await catalog.loadTable(table)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}

async function ensureNamespace(catalog: CatalogClient, namespace: readonly string[]): Promise<void> {
  try {
    await catalog.createNamespace(namespace, {})
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'already-exists')) throw error
  }
}

function currentSchema({ schemas, currentSchemaId }: TableMetadata): Schema {
  const schema = schemas.find(({ schemaId }) => schemaId === currentSchemaId)
  if (!schema) throw new AppError('file-damaged', `The table's metadata lacks its current schema ${currentSchemaId}.`)
  return schema
}

function defaultSpec({ partitionSpecs, defaultSpecId }: TableMetadata): PartitionSpec {
  const spec = partitionSpecs.find(({ specId }) => specId === defaultSpecId)
  if (!spec) throw new AppError('file-damaged', `The table's metadata lacks its partition spec ${defaultSpecId}.`)
  return spec
}

/** Hive style below the table's data folder, as engines that list folders expect it. */
function locationOf(
  { fileName, partition }: StagedFile,
  { location, properties }: TableMetadata,
  target: Target,
): string {
  const folder = (properties['write.data.path'] ?? `${location}/data`).replace(/\/+$/, '')
  const partitionFolder = partitionPath(target.spec, target.schema, partition)
  return [folder, ...(partitionFolder === '' ? [] : partitionFolder.split('/').map(folderName)), fileName].join('/')
}

/** File systems take 255 bytes for a name; what is cut off is told apart by a digest. Readers do not read these names. */
function folderName(segment: string): string {
  if (segment.length <= MAX_FOLDER_NAME_BYTES) return segment
  const digest = createHash('sha256').update(segment).digest('hex').slice(0, 16)
  return `${segment.slice(0, MAX_FOLDER_NAME_BYTES - digest.length - 1).replace(/%[0-9A-F]?$/, '')}-${digest}`
}

function dataFile(file: StagedFile, filePath: string, specId: number): DataFile {
  return {
    content: 'data',
    filePath,
    fileFormat: 'parquet',
    specId,
    partition: file.partition,
    recordCount: file.recordCount,
    fileSizeBytes: file.fileSizeBytes,
    sortOrderId: 0,
    equalityIds: null,
    splitOffsets: file.splitOffsets,
    referencedDataFile: null,
    metrics: file.metrics,
  }
}

function stagingRoot(): string {
  return path.join(config().homeDir, 'staging')
}

/** Letters that mean something to a path or an address are left out of file names. */
function fileStem(table: string): string {
  return table.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

function label({ table: { namespace, table } }: IngestRun): string {
  return [...namespace, table].join('.')
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
