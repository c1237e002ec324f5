import 'server-only'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import { sum } from '@/lib/sum'
import type { RunKind } from '@/server/jobs/run-kind'
import type { LakeServices } from '@/server/catalog/lake-services'
import { confirmFilesChange } from '@/server/db/jobs/loaded-files'
import { listRuns } from '@/server/db/jobs/runs'
import { readRunApproval, requireApprovedRun } from '@/server/policy/approved-runs'
import { emptySnapshotJournal, hasSnapshotOf, unknownSnapshotError } from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { version } from '@/package.json'
import { discardIngest, type IngestJournal, ingestJournalSchema } from './ingest-journal'
import { commitLoad } from './commit-load'
import { emptyOutcome, type IngestOutcome, NO_FILE_COUNTS, parseIngestOutcome } from './ingest-outcome'
import { findEmptiedColumns, requireNoneEmptied } from './emptied-columns'
import { describeInput, howToProposeLoad, INGEST, type IngestSpec, parseIngestSpec } from './ingest-spec'
import { landingStrategy } from '../land/choose-landing'
import type { LandingStrategy } from '../land/landing'
import { rejectsLocation } from './rejects/rejects-file'
import { removeUpload } from '@/server/uploads/remove-upload'
import { hasOwnBytes, RepeatGuard } from './repeats/repeat-guard'
import type { RunStage } from './run-child'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { fieldLines } from './load-fields'
import { createTarget, type IngestTarget, type LandedSpec, resolveTarget } from './ingest-target'
import { LoadStager, type StagedLoad } from './load-stager'
import type { LoadSource } from './load-source'
import { NewFiles } from './new-files'

/**
 * One ingest run: stages the input in a separate process, moves the files to the table, and commits them as one snapshot,
 * as its landing says.
 */
export function ingestRuns(services: LakeServices, runStage: RunStage, limits: DuckdbLimits = DEFAULT_LIMITS): RunKind {
  return tableWriteRuns<IngestJournal>(services, {
    maxConcurrent: MAX_CONCURRENT_INGESTS,
    retryOn: ({ spec }) =>
      landingStrategy((parseIngestSpec(spec).landing ?? APPEND_TO_MAIN).operation).onConflict === 'fail'
        ? []
        : ['commit-conflict'],
    firstPhase: null,
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => ingestJournalSchema.parse(json),
    produce: (write) => {
      const spec = parseIngestSpec(write.run.spec)
      return new Ingest(services, write, { spec, source: filesOf(services, write, spec), runStage, limits }).run()
    },
    isCommitted: hasSnapshotOf,
    parseOutcome: (json) => ({ ...parseIngestOutcome(json) }),
    successChanges: ({ id, spec }) => {
      const { saved } = parseIngestSpec(spec)
      return saved ? [confirmFilesChange(saved.scheduleId, id)] : []
    },
    unknownError: (journal) => unknownSnapshotError(journal, 'Check the table before you load the file again.'),
    discard: discardIngest,
  })
}

/** In each lane: reading one file keeps a machine of two cores busy. */
const MAX_CONCURRENT_INGESTS = 1

/** In both lanes, so that a file that one of them can load does not need the other. */
export const DEFAULT_LIMITS: DuckdbLimits = { memoryMiB: 256, threads: 2, tempMiB: 64 * 1024 }

function filesOf(services: LakeServices, write: TableWrite<IngestJournal>, spec: IngestSpec): LoadSource {
  const { saved } = spec
  const summary = {
    'lakeshore.input-format': spec.format,
    'lakeshore.input-name': describeInput(spec),
    ...(saved && { 'lakeshore.schedule-id': saved.scheduleId }),
  }
  if (saved?.newFilesOnly === true) return new NewFiles(services, write, { input: spec.input, saved, summary })
  return {
    listInput: async () => spec.input,
    noticesRepeats: hasOwnBytes(spec),
    proposalAdvice: howToProposeLoad(spec),
    summary,
  }
}

/** The work of one run that brings rows into a table. */
export class Ingest {
  readonly #services: Pick<LakeServices, 'config' | 'database' | 'log' | 'stores'>
  readonly #write: TableWrite<IngestJournal>
  readonly #source: LoadSource
  readonly #runStage: RunStage
  readonly #limits: DuckdbLimits
  readonly #spec: LandedSpec
  readonly #strategy: LandingStrategy

  constructor(
    services: Pick<LakeServices, 'config' | 'database' | 'log' | 'stores'>,
    write: TableWrite<IngestJournal>,
    {
      spec,
      source,
      runStage,
      limits,
    }: { spec: IngestSpec; source: LoadSource; runStage: RunStage; limits: DuckdbLimits },
  ) {
    this.#services = services
    this.#write = write
    this.#limits = limits
    this.#source = source
    this.#runStage = runStage
    const { landing = APPEND_TO_MAIN } = spec
    this.#spec = { ...spec, landing }
    this.#strategy = landingStrategy(landing.operation)
  }

  async run(): Promise<JsonObject> {
    const write = this.#write
    const { signal } = write
    await this.#requireApproved()
    write.begin({ ...emptySnapshotJournal(), createdTableUuid: null })
    const target = await resolveTarget(write, this.#spec)
    return write.inStagingFolder(async (folder) => {
      const spec = { ...this.#spec, input: await this.#source.listInput(folder) }
      if (spec.input.length === 0) return { ...emptyOutcome(this.#source.fileCounts ?? NO_FILE_COUNTS) }
      const metadata = target.table?.metadata ?? null
      const repeats = this.#source.noticesRepeats ? new RepeatGuard(this.#services, write, { spec, metadata }) : null
      const [runStage, limits] = [this.#runStage, this.#limits]
      const stager = new LoadStager(this.#services, write, { spec, runStage, limits, repeats })
      const staged = await stager.stage(target, folder)
      signal.throwIfAborted()
      this.#logStaged(staged)
      await this.#requireNoneEmptied(target, staged)
      await this.#source.beforeCommit?.(await stager.listLocated())
      const outcome = await this.#commit(target, staged, { folder, stager, repeats })
      await this.#removeUploads()
      return { ...outcome }
    })
  }

  /** They are loaded: what is left of them would only expire. */
  async #removeUploads(): Promise<void> {
    const { uploadedBy: userId = this.#write.run.actor.userId } = this.#spec
    try {
      for (const source of this.#spec.input)
        if ('uploadId' in source) await removeUpload(this.#services, { uploadId: source.uploadId, userId })
    } catch (error) {
      this.#write.log('The uploads were loaded, but not removed: they go when they expire.', 'warning')
      this.#services.log.error(error, { runId: this.#write.run.id })
    }
  }

  /**
   * A load that creates its table needs no second user: it only adds. One that was proposed is carried out once, however
   * often its run is retried.
   */
  async #requireApproved(): Promise<void> {
    const { database } = this.#services
    const { id, exclusiveKey } = this.#write.run
    if (this.#spec.create === null) await requireApprovedRun(database, this.#approvable, this.#source.proposalAdvice)
    if (exclusiveKey === null || this.#spec.proposed === undefined) return
    const [loaded] = await listRuns(database, { kind: INGEST, exclusiveKey, states: ['succeeded'], limit: 1 })
    if (loaded !== undefined && loaded.id !== id)
      throw new AppError(
        'version-conflict',
        `The run ${loaded.id} has loaded the files that were proposed. Nothing was loaded again.`,
        { facts: { runId: loaded.id } },
      )
  }

  get #approvable() {
    return { ...this.#write.run, proposalId: this.#spec.proposed?.proposalId ?? null }
  }

  #logStaged({ files, rowsRead, rowsRejected, fields }: StagedLoad): void {
    const storedBytes = sum(files.map(({ fileSizeBytes }) => fileSizeBytes))
    this.#write.log(
      `${formatQuantity(rowsRead, 'row')} read; ${formatQuantity(files.length, 'file')} written, ${formatBytes(storedBytes)}.`,
    )
    for (const line of fieldLines(fields)) this.#write.log(line, 'warning')
    if (rowsRejected > 0)
      this.#write.log(`${formatQuantity(rowsRejected, 'row')} rejected because of values that do not fit.`, 'warning')
  }

  /** A column is not emptied unless the user has confirmed it. */
  async #requireNoneEmptied({ table }: IngestTarget, { files, fields }: StagedLoad): Promise<void> {
    const { allowNullColumns = false, landing } = this.#spec
    if (allowNullColumns || table === null || files.length === 0) return
    const columns = fields.absentEverywhere
    requireNoneEmptied(await findEmptiedColumns(table, { columns, branch: landing.branch }, this.#write.signal))
  }

  async #commit(
    target: IngestTarget,
    staged: StagedLoad,
    { folder, stager, repeats }: { folder: string; stager: LoadStager; repeats: RepeatGuard | null },
  ): Promise<IngestOutcome> {
    const write = this.#write
    const { history, landing, correctsRunId = null } = this.#spec
    const { rowsRead, rowsRejected, recordsSaved } = staged
    write.report({ phase: 'committing' })
    const table = target.table ?? (await createTarget(write, target, history))
    await repeats?.record(table.metadata.tableUuid)
    return commitLoad(this.#services.log, write, {
      strategy: this.#strategy,
      branch: landing.branch ?? MAIN_BRANCH,
      where: landing.where ?? null,
      table,
      schema: target.schema,
      spec: target.spec,
      sortOrderId: target.sortOrder?.orderId ?? null,
      staged: staged.files,
      stageInOrder: () => stageInOrder(stager, target, folder),
      folder,
      limits: this.#limits,
      outcome: {
        rowsRead,
        rowsRejected,
        rejectsFile: rowsRejected > 0 ? rejectsLocation(this.#services.config, write.run.id) : null,
        recordsSaved,
        correctsRunId,
        absentColumns: staged.fields.absentColumns,
        skippedFields: staged.fields.skippedFields,
        ...(this.#source.fileCounts ?? NO_FILE_COUNTS),
        scheduleState: this.#source.scheduleState ?? null,
      },
      summary: {
        ...(history ? { 'engine-name': history.writer } : { 'engine-name': 'Lakeshore', 'engine-version': version }),
        'lakeshore.run-id': write.run.id,
        'lakeshore.input-bytes': String(staged.inputBytes),
        ...this.#source.summary,
        ...(rowsRejected > 0 && { 'lakeshore.rejected-rows': String(rowsRejected) }),
        ...(correctsRunId !== null && { 'lakeshore.corrects-run-id': correctsRunId }),
      },
      committedAtMs: history?.committedAtMs,
      // The policy may have been set while the files were written.
      approval:
        this.#spec.create === null
          ? await readRunApproval(this.#services.database, this.#approvable)
          : { guards: [], proposal: undefined },
    })
  }
}

/** The rejected rows of the input were stored when it was staged first. */
async function stageInOrder(stager: LoadStager, target: IngestTarget, folder: string): Promise<readonly StagedFile[]> {
  const again = path.join(folder, 'in-order')
  await mkdir(again)
  const spec = { specId: target.spec.specId, fields: [] }
  const { files } = await stager.read({ ...target, spec, sortOrder: null }, again)
  return files
}
