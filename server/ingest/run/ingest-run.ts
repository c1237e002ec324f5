import 'server-only'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { assignFreshIds } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import { entryLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CommittedTable, WriteOptions } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { newAuditId } from '@/server/db/audit'
import type { RunKind } from '@/server/jobs/run-kind'
import type { LakeServices } from '@/server/catalog/lake-services'
import { appendFiles } from '@/server/table/commit/append-files'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import { listRuns } from '@/server/db/jobs/runs'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { readRunApproval, requireApprovedRun } from '@/server/policy/approved-runs'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { snapshotCommit } from '@/server/table-writes/snapshot-commit'
import { emptySnapshotJournal, hasSnapshotOf, unknownSnapshotError } from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { version } from '@/package.json'
import { discardIngest, type IngestJournal, ingestJournalSchema } from './ingest-journal'
import { type IngestOutcome, parseIngestOutcome } from './ingest-outcome'
import {
  HOW_TO_PROPOSE_A_LOAD,
  INGEST,
  type IngestSpec,
  parseIngestSpec,
  parsePartitionSpec,
  parseSchema,
} from './ingest-spec'
import { requireCreatableFormat, requireWritableFormat } from './writable-format'
import { withProposedInput } from '../input/input-digest'
import { type InputFile, openInput } from '../input/input-file'
import { dataFileLocation, dataFileStem, toDataFile } from '@/server/data-files/write/data-file'
import { storeRejects, rejectsLocation } from './rejects-file'
import type { RunStage } from './run-child'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StageResult } from '../stage-request'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** The default of Iceberg itself. */
const DEFAULT_FORMAT_VERSION = 2

/**
 * One ingest run: stages the input in a separate process, moves the files to the table, and appends them as one
 * snapshot.
 */
export function ingestRuns(services: LakeServices, runStage: RunStage, limits: DuckdbLimits = DEFAULT_LIMITS): RunKind {
  return tableWriteRuns<IngestJournal>(services, {
    maxConcurrent: MAX_CONCURRENT_INGESTS,
    retryOn: ['commit-conflict'],
    firstPhase: null,
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => ingestJournalSchema.parse(json),
    produce: (write) => new Ingest(services, write, runStage, limits).run(),
    isCommitted: hasSnapshotOf,
    parseOutcome: (json) => ({ ...parseIngestOutcome(json) }),
    unknownError: (journal) => unknownSnapshotError(journal, 'Check the table before you load the file again.'),
    discard: discardIngest,
  })
}

/** Reading one file keeps a machine of two cores busy. */
const MAX_CONCURRENT_INGESTS = 1

const DEFAULT_LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 2, tempMiB: 64 * 1024 }

/** The target of the staged rows: a table as it is, or as it will be created. */
type IngestTarget = {
  schema: Schema
  spec: PartitionSpec
  properties: Readonly<Record<string, string>>
  table: LoadedTable | null
}

class Ingest {
  readonly #services: Pick<LakeServices, 'config' | 'database' | 'log' | 'stores'>
  readonly #write: TableWrite<IngestJournal>
  readonly #runStage: RunStage
  readonly #limits: DuckdbLimits
  readonly #spec: IngestSpec

  constructor(
    services: Pick<LakeServices, 'config' | 'database' | 'log' | 'stores'>,
    write: TableWrite<IngestJournal>,
    runStage: RunStage,
    limits: DuckdbLimits,
  ) {
    this.#services = services
    this.#write = write
    this.#runStage = runStage
    this.#limits = limits
    this.#spec = parseIngestSpec(write.run.spec)
  }

  async run(): Promise<JsonObject> {
    const write = this.#write
    const { signal } = write
    await this.#requireApproved()
    write.begin({ ...emptySnapshotJournal(), createdTableUuid: null })
    const target = await this.#resolveTarget()
    return write.inStagingFolder(async (folder) => {
      const input = await openInput(this.#services.stores, this.#spec.input, { folder, signal })
      write.report({ total: input.sizeBytes })
      write.log(`Reading ${path.basename(this.#spec.input)}, ${formatBytes(input.sizeBytes)}.`)
      const staged = await this.#stageProposed(target, input, folder)
      signal.throwIfAborted()
      this.#logStaged(staged)
      return { ...(await this.#commit(target, staged, input.sizeBytes)) }
    })
  }

  /**
   * A load that creates its table needs no second user: it only adds. One that was proposed is carried out once, however
   * often its run is retried.
   */
  async #requireApproved(): Promise<void> {
    const { database } = this.#services
    const { id, exclusiveKey } = this.#write.run
    if (this.#spec.create === null) await requireApprovedRun(database, this.#approvable, HOW_TO_PROPOSE_A_LOAD)
    if (exclusiveKey === null) return
    const [loaded] = await listRuns(database, { kind: INGEST, exclusiveKey, states: ['succeeded'], limit: 1 })
    if (loaded !== undefined && loaded.id !== id)
      throw new AppError(
        'version-conflict',
        `The run ${loaded.id} has loaded the file that was proposed. Nothing was loaded again.`,
        { facts: { runId: loaded.id } },
      )
  }

  /** Another table may have got the name while the run waited. */
  #requireProposedTable(tableUuid: string): void {
    const { proposed } = this.#spec
    if (proposed === undefined || proposed.tableUuid === tableUuid) return
    const name = entryLabel(this.#write.run.table)
    throw new AppError('not-found', `The load was proposed for another table ${name}. Nothing was loaded.`)
  }

  get #approvable() {
    return { ...this.#write.run, proposalId: this.#spec.proposed?.proposalId ?? null }
  }

  async #resolveTarget(): Promise<IngestTarget> {
    const { create } = this.#spec
    const table = await nullIfNotFound(() => this.#write.catalog.loadTable(this.#write.run.table))
    if (table && create) {
      throw new AppError(
        'already-exists',
        `${entryLabel(this.#write.run.table)} already exists. Load into it without a schema.`,
      )
    }
    if (table) {
      const { metadata } = table
      this.#requireProposedTable(metadata.tableUuid)
      requireWritableFormat(metadata.formatVersion, this.#write.run.table)
      return { schema: currentSchema(metadata), spec: defaultSpec(metadata), properties: metadata.properties, table }
    }
    if (!create) {
      throw new AppError(
        'not-found',
        `There is no table ${entryLabel(this.#write.run.table)}. Give a schema to create it (--create-schema).`,
      )
    }
    requireCreatableFormat(propertyValue(create.properties, 'format-version') ?? String(DEFAULT_FORMAT_VERSION))
    // The ids that the catalog will assign: the files contain them before the table exists.
    const { schema } = assignFreshIds(parseSchema(create.schema))
    return { schema, spec: parsePartitionSpec(create.partitionBy, schema), properties: create.properties, table: null }
  }

  #stageProposed(target: IngestTarget, input: InputFile, folder: string): Promise<StageResult> {
    const { proposed } = this.#spec
    const stage = () => this.#stage(target, input, folder)
    if (proposed === undefined) return stage()
    const { signal } = this.#write
    const name = path.basename(this.#spec.input)
    return withProposedInput({ path: input.path, name, sha256: proposed.sha256, signal }, stage)
  }

  async #stage({ schema, spec, properties }: IngestTarget, input: InputFile, folder: string): Promise<StageResult> {
    const stagingDir = path.join(folder, 'staged')
    await mkdir(stagingDir)
    const { format, ignoreExtra, maxRejectedRows } = this.#spec
    const rejects = {
      file: path.join(folder, 'rejects.ndjson'),
      location: rejectsLocation(this.#services.config, this.#write.run.id),
    }
    const staging = this.#runStage(
      {
        input: { path: input.path, format, ignoreExtra },
        schema,
        spec,
        stagingDir,
        rejects,
        maxRejectedRows,
        fileStem: dataFileStem(this.#write.run.table.table, this.#write.run.createdAtMs),
        write: parseWriteSettings(properties, schema, (sentence) => this.#write.log(sentence, 'warning')),
        limits: this.#limits,
      },
      {
        signal: this.#write.signal,
        onProgress: ({ phase, bytesRead, ...counters }) => this.#write.report({ phase, done: bytesRead, counters }),
      },
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
    this.#write.log(
      `${formatQuantity(rowsRead, 'row')} read; ${formatQuantity(files.length, 'file')} written, ${formatBytes(storedBytes)}.`,
    )
    if (rowsRejected > 0)
      this.#write.log(`${formatQuantity(rowsRejected, 'row')} rejected because of values that do not fit.`, 'warning')
  }

  async #commit(target: IngestTarget, staged: StageResult, bytesTotal: number): Promise<IngestOutcome> {
    const write = this.#write
    const { history } = this.#spec
    write.report({ phase: 'committing' })
    const table = target.table ?? (await this.#createTable(target))
    const { metadata } = table
    const { store } = table
    if (staged.files.length === 0) {
      write.log('The input has no rows, so no snapshot is created.')
      return this.#toOutcome(staged, null)
    }

    const placedFiles = staged.files.map((file) => ({ file, location: dataFileLocation(file, metadata, target) }))
    const snapshotId = newSnapshotId()
    const outcome = this.#toOutcome(staged, snapshotId)
    const locations = placedFiles.map(({ location }) => location)
    Object.assign(write.journal, { snapshotId, locations, outcome: { ...outcome } })
    await write.save()
    for (const { file, location } of placedFiles) {
      write.signal.throwIfAborted()
      await store.importFile(file.stagedPath, location)
    }
    const sizes = placedFiles.map(({ file, location }) => ({ location, sizes: file.sizes }))
    await appendFiles(this.#services.log, {
      ...snapshotCommit(write, {
        store,
        tableUuid: metadata.tableUuid,
        sizes,
        // The policy may have been set while the files were written.
        approval:
          this.#spec.create === null
            ? await readRunApproval(this.#services.database, this.#approvable)
            : { guards: [], proposal: undefined },
      }),
      files: placedFiles.map(({ file, location }) => toDataFile(file, location, target.spec.specId)),
      specId: target.spec.specId,
      schemaId: target.schema.schemaId,
      summary: {
        ...(history ? { 'engine-name': history.writer } : { 'engine-name': 'Lakeshore', 'engine-version': version }),
        'lakeshore.run-id': write.run.id,
        'lakeshore.input-bytes': String(bytesTotal),
        'lakeshore.input-format': this.#spec.format,
        'lakeshore.input-name': path.basename(this.#spec.input),
        ...(staged.rowsRejected > 0 && { 'lakeshore.rejected-rows': String(staged.rowsRejected) }),
      },
      ...(history && { committedAtMs: history.committedAtMs }),
    })
    this.#write.log(`${formatQuantity(outcome.rowsCommitted, 'row')} appended as snapshot ${snapshotId}.`)
    return outcome
  }

  async #createTable({ schema, spec, properties }: IngestTarget): Promise<LoadedTable> {
    const { history } = this.#spec
    const { catalog } = this.#write
    const [auditId, audited] = [newAuditId(), { actor: this.#write.actor, action: 'create-table', requestId: null }]
    const options = {
      signal: this.#write.signal,
      ...(history && { committedAtMs: history.committedAtMs }),
      plan: commitPlan(this.#write.run.table, auditId, audited),
      alongside: (committed: CommittedTable) => {
        this.#write.journal.createdTableUuid = committed.after.metadata.tableUuid
        const audit = commitAuditEntry(committed, audited)
        return [
          this.#write.saveChange(),
          ...commitAuditChanges(audit, { id: auditId, ...(history && { atMs: history.committedAtMs }) }),
        ]
      },
    }
    this.#write.log(`Creating table ${entryLabel(this.#write.run.table)}.`)
    await ensureNamespace(
      catalog,
      this.#write.run.table.namespace,
      history ? { committedAtMs: history.committedAtMs } : {},
    )
    return catalog.write(
      { kind: 'create-table', table: this.#write.run.table, schema, partitionSpec: spec, properties },
      options,
    )
  }

  #toOutcome({ files, rowsRead, rowsRejected }: StageResult, snapshotId: string | null): IngestOutcome {
    return {
      snapshotId,
      rowsRead,
      rowsCommitted: sum(files.map((file) => file.recordCount)),
      rowsRejected,
      rejectsFile: rowsRejected > 0 ? rejectsLocation(this.#services.config, this.#write.run.id) : null,
      fileCount: files.length,
      storedBytes: sum(files.map((file) => file.fileSizeBytes)),
    }
  }
}

async function ensureNamespace(
  catalog: CatalogClient,
  namespace: readonly string[],
  options: WriteOptions<'create-namespace'>,
): Promise<void> {
  try {
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} }, options)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'already-exists')) throw error
  }
}
