import 'server-only'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { assignFreshIds } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, CommittedTable, LoadedTable, NamespaceOptions } from '@/server/catalog/catalog-client'
import { auditChange, newAuditId } from '@/server/db/audit'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { insertFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { RunProgress } from '@/server/db/jobs/runs'
import { runActor } from '@/server/jobs/run-actor'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { LakeServices } from '@/server/catalog/lake-services'
import { appendFiles } from '@/server/table/commit/append-files'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import { requireNoPolicy } from '@/server/policy/demanded-proposal'
import { version } from '@/package.json'
import {
  type IngestJournal,
  type IngestRun,
  tryLoadTable,
  toIngestRun,
  settleIngest,
  removeWrittenFiles,
} from './ingest-journal'
import type { IngestOutcome } from './ingest-outcome'
import { type IngestSpec, parseIngestSpec, parsePartitionSpec, parseSchema } from './ingest-spec'
import { type InputFile, openInput } from '../input/input-file'
import { dataFileLocation, dataFileStem, toDataFile } from '../../data-files/write/data-file'
import { storeRejects, rejectsLocation } from './rejects-file'
import type { RunStage } from './run-child'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StageResult } from '../stage-request'
import { createStagingFolder, tidyStaging } from '@/server/data-files/staging-folder'
import { parseWriteSettings } from '../../data-files/write/write-settings'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** The format versions that are written here. */
const WRITABLE_FORMAT_VERSIONS: readonly number[] = [2, 3]
/** The default of Iceberg itself. */
const DEFAULT_FORMAT_VERSION = 2

/**
 * One ingest run: stages the input in a separate process, moves the files to the table, and appends them as one
 * snapshot. Before it makes anything visible to others, it records that in the run's journal.
 */
export function ingestRuns(services: LakeServices, runStage: RunStage, limits: DuckdbLimits = DEFAULT_LIMITS): RunKind {
  return {
    maxConcurrent: MAX_CONCURRENT_INGESTS,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable', 'commit-conflict'],
    work: async (queued, context) => {
      const run = toIngestRun(queued)
      const actor = await runActor(services.database, run, [{ permission: 'table:write', on: run.table }])
      return new Ingest(services, { run, actor }, context, runStage, limits).run()
    },
    settle: (run) => settleIngest(services, toIngestRun(run)),
    tidy: () => tidyStaging(services),
  }
}

/** Reading one file keeps a machine of two cores busy. */
const MAX_CONCURRENT_INGESTS = 1

/** Policies let engines append, also those that include engines. */
const INSTEAD_OF_A_LOAD = 'Append with an engine, load into a namespace without this rule'

const DEFAULT_LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 2, tempMiB: 64 * 1024 }

/** What the staged rows are written for: a table as it is, or as it will be created. */
type IngestTarget = {
  schema: Schema
  spec: PartitionSpec
  properties: Readonly<Record<string, string>>
  table: LoadedTable | null
}

class Ingest {
  readonly #services: Pick<LakeServices, 'catalogs' | 'config' | 'database' | 'log' | 'stores'>
  readonly #run: IngestRun
  readonly #context: RunContext
  readonly #runStage: RunStage
  readonly #limits: DuckdbLimits
  readonly #spec: IngestSpec
  readonly #actor: Actor
  readonly #journal: IngestJournal = {
    createdTableUuid: null,
    snapshotId: null,
    locations: [],
    mayBeSent: false,
    outcome: null,
  }
  #progress: RunProgress = { phase: 'starting', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: 0 }

  constructor(
    services: Pick<LakeServices, 'catalogs' | 'config' | 'database' | 'log' | 'stores'>,
    { run, actor }: { run: IngestRun; actor: Actor },
    context: RunContext,
    runStage: RunStage,
    limits: DuckdbLimits,
  ) {
    this.#services = services

    this.#run = run
    this.#context = context
    this.#runStage = runStage
    this.#limits = limits
    this.#spec = parseIngestSpec(run.spec)
    this.#actor = actor
  }

  async run(): Promise<JsonObject> {
    const { table: identifier } = this.#run
    const { signal } = this.#context
    await requireNoPolicy(this.#services.database, identifier, 'A load', INSTEAD_OF_A_LOAD)
    const catalog = await this.#services.catalogs.open(identifier.catalog, this.#actor)
    const target = await this.#resolveTarget(catalog)
    const folder = await createStagingFolder(this.#services.config, this.#run)
    try {
      const input = await openInput(this.#services.stores, this.#spec.input, { folder, signal })
      this.#report({ bytesTotal: input.sizeBytes })
      this.#context.log(`Reading ${path.basename(this.#spec.input)}, ${formatBytes(input.sizeBytes)}.`)
      const staged = await this.#stage(target, input, folder)
      signal.throwIfAborted()
      this.#logStaged(staged)
      return { ...(await this.#commit(catalog, target, staged, input.sizeBytes)) }
    } catch (error) {
      const isUnknown = error instanceof AppError && error.code === 'commit-state-unknown'
      if (!isUnknown) await this.#removeWritten(catalog)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** After a certain failure: the journal must no longer say that the outcome may be unknown. */
  async #removeWritten(catalog: CatalogClient): Promise<void> {
    await removeWrittenFiles(catalog, this.#run, this.#journal)
    if (this.#journal.mayBeSent) await this.#context.saveJournal({ ...this.#journal, mayBeSent: false })
  }

  async #resolveTarget(catalog: CatalogClient): Promise<IngestTarget> {
    const { create } = this.#spec
    const table = await tryLoadTable(catalog, this.#run)
    if (table && create) {
      throw new AppError('already-exists', `${tableLabel(this.#run)} already exists. Load into it without a schema.`)
    }
    if (table) {
      const { metadata } = table
      requireWritableFormat(metadata.formatVersion, tableLabel(this.#run))
      return { schema: currentSchema(metadata), spec: defaultSpec(metadata), properties: metadata.properties, table }
    }
    if (!create) {
      throw new AppError(
        'not-found',
        `There is no table ${tableLabel(this.#run)}. Give a schema to create it (--create-schema).`,
      )
    }
    requireCreatableFormat(propertyValue(create.properties, 'format-version') ?? String(DEFAULT_FORMAT_VERSION))
    // The ids that the catalog will assign: the files contain them before the table exists.
    const { schema } = assignFreshIds(parseSchema(create.schema))
    return { schema, spec: parsePartitionSpec(create.partitionBy, schema), properties: create.properties, table: null }
  }

  async #stage({ schema, spec, properties }: IngestTarget, input: InputFile, folder: string): Promise<StageResult> {
    const stagingDir = path.join(folder, 'staged')
    await mkdir(stagingDir)
    const { format, ignoreExtra, maxRejectedRows } = this.#spec
    const rejects = {
      file: path.join(folder, 'rejects.ndjson'),
      location: rejectsLocation(this.#services.config, this.#run.id),
    }
    const staging = this.#runStage(
      {
        input: { path: input.path, format, ignoreExtra },
        schema,
        spec,
        stagingDir,
        rejects,
        maxRejectedRows,
        fileStem: dataFileStem(this.#run.table.table, this.#run.createdAtMs),
        write: parseWriteSettings(properties, schema, (sentence) => this.#context.log(sentence, 'warning')),
        limits: this.#limits,
      },
      { signal: this.#context.signal, onProgress: (progress) => this.#report(progress) },
    )
    try {
      const staged = await staging
      await storeRejects(this.#services.stores, rejects.file, rejects.location)
      return staged
    } catch (error) {
      if (error instanceof AppError && error.code === 'rows-rejected')
        await storeRejects(this.#services.stores, rejects.file, rejects.location)
      throw error
    }
  }

  #logStaged({ files, rowsRead, rowsRejected }: StageResult): void {
    const storedBytes = sum(files.map(({ fileSizeBytes }) => fileSizeBytes))
    this.#context.log(
      `${formatQuantity(rowsRead, 'row')} read; ${formatQuantity(files.length, 'file')} written, ${formatBytes(storedBytes)}.`,
    )
    if (rowsRejected > 0)
      this.#context.log(`${formatQuantity(rowsRejected, 'row')} rejected because of values that do not fit.`, 'warning')
  }

  async #commit(
    catalog: CatalogClient,
    target: IngestTarget,
    staged: StageResult,
    bytesTotal: number,
  ): Promise<IngestOutcome> {
    const { signal } = this.#context
    const { history } = this.#spec
    this.#report({ phase: 'committing' })
    const table = target.table ?? (await this.#createTable(catalog, target))
    const { metadata } = table
    const { store } = table
    if (staged.files.length === 0) {
      this.#context.log('The input has no rows, so no snapshot is created.')
      return this.#toOutcome(staged, null)
    }

    const placedFiles = staged.files.map((file) => ({ file, location: dataFileLocation(file, metadata, target) }))
    this.#journal.snapshotId = newSnapshotId()
    this.#journal.locations = placedFiles.map(({ location }) => location)
    const outcome = this.#toOutcome(staged, this.#journal.snapshotId)
    this.#journal.outcome = { ...outcome }
    await this.#context.saveJournal(this.#journal)
    for (const { file, location } of placedFiles) {
      signal.throwIfAborted()
      await store.importFile(file.stagedPath, location)
    }
    await appendFiles(this.#services.log, {
      catalog,
      store,
      identifier: this.#run.table,
      files: placedFiles.map(({ file, location }) => toDataFile(file, location, target.spec.specId)),
      specId: target.spec.specId,
      schemaId: target.schema.schemaId,
      snapshotId: this.#journal.snapshotId,
      summary: {
        ...(history ? { 'engine-name': history.writer } : { 'engine-name': 'Lakeshore', 'engine-version': version }),
        'lakeshore.run-id': this.#run.id,
        'lakeshore.input-bytes': String(bytesTotal),
        'lakeshore.input-format': this.#spec.format,
        'lakeshore.input-name': path.basename(this.#spec.input),
        ...(staged.rowsRejected > 0 && { 'lakeshore.rejected-rows': String(staged.rowsRejected) }),
      },
      beforeWrite: async (location, kind) => {
        this.#journal.locations.push(location)
        this.#journal.mayBeSent ||= kind === 'manifest list'
        await this.#context.saveJournal(this.#journal)
      },
      alongside: () => [
        // The policy may have been set while the rows were staged. A remote catalog has made the change already.
        ...(catalog.kind === 'embedded' ? [requireNoPolicyChange(this.#run.table)] : []),
        ...placedFiles.map(({ file, location }) => insertFileSizes(metadata.tableUuid, location, file.sizes)),
        this.#context.successChange({ ...outcome }),
      ],
      ...(history && { committedAtMs: history.committedAtMs }),
      actor: this.#actor,
      signal,
    })
    this.#context.log(
      `${formatQuantity(outcome.rowsCommitted, 'row')} appended as snapshot ${this.#journal.snapshotId}.`,
    )
    return outcome
  }

  async #createTable(catalog: CatalogClient, { schema, spec, properties }: IngestTarget): Promise<LoadedTable> {
    const { history } = this.#spec
    const [auditId, audited] = [newAuditId(), { actor: this.#actor, action: 'create-table', requestId: null }]
    const options = {
      signal: this.#context.signal,
      ...(history && { committedAtMs: history.committedAtMs }),
      plan: commitPlan(this.#run.table, auditId, audited),
      alongside: (committed: CommittedTable) => {
        this.#journal.createdTableUuid = committed.after.metadata.tableUuid
        const audit = commitAuditEntry(committed, audited)
        return [
          this.#context.journalChange(this.#journal),
          auditChange(audit, { id: auditId, ...(history && { atMs: history.committedAtMs }) }),
        ]
      },
    }
    this.#context.log(`Creating table ${tableLabel(this.#run)}.`)
    await ensureNamespace(catalog, this.#run.table.namespace, history ? { committedAtMs: history.committedAtMs } : {})
    return catalog.createTable(this.#run.table, { schema, partitionSpec: spec, properties }, options)
  }

  #toOutcome({ files, rowsRead, rowsRejected }: StageResult, snapshotId: string | null): IngestOutcome {
    return {
      snapshotId,
      rowsRead,
      rowsCommitted: sum(files.map((file) => file.recordCount)),
      rowsRejected,
      rejectsFile: rowsRejected > 0 ? rejectsLocation(this.#services.config, this.#run.id) : null,
      fileCount: files.length,
      storedBytes: sum(files.map((file) => file.fileSizeBytes)),
    }
  }

  #report(change: Partial<RunProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#context.report(this.#progress)
  }
}

/**
 * Checks this before anything is read or created.
 *
 * @throws {AppError} not-supported
 */
function requireWritableFormat(formatVersion: number, name: string): void {
  if (WRITABLE_FORMAT_VERSIONS.includes(formatVersion)) return
  throw new AppError(
    'not-supported',
    `Rows can be loaded into tables of format version 2 or 3, but ${name} has version ${formatVersion}. Upgrade it first: \
in Spark, ALTER TABLE ${name} SET TBLPROPERTIES ('format-version' = '2'). An upgrade cannot be undone.`,
    { facts: { formatVersion } },
  )
}

function requireCreatableFormat(formatVersion: string): void {
  if (WRITABLE_FORMAT_VERSIONS.some((writable) => String(writable) === formatVersion)) return
  throw new AppError(
    'not-supported',
    `Lakeshore creates tables for loads in format version 2 or 3, not ${formatVersion}.`,
    { facts: { formatVersion } },
  )
}

async function ensureNamespace(
  catalog: CatalogClient,
  namespace: readonly string[],
  options: NamespaceOptions,
): Promise<void> {
  try {
    await catalog.createNamespace(namespace, {}, options)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'already-exists')) throw error
  }
}

function tableLabel({ table: { namespace, table } }: IngestRun): string {
  return [...namespace, table].join('.')
}
