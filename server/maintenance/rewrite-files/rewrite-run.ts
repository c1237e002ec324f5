import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { monotonicFactory } from 'ulid'
import type { LogLevel } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { findLayout } from '@/lib/iceberg/operations/write-entries'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { hasErrorCode } from '@/server/error-code'
import { dataFileName, dataFileStem } from '@/server/data-files/write/data-file-name'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import type { RunKind } from '@/server/jobs/run-kind'
import { openDataFile } from '@/server/data-files/open-data-file'
import { sizesFromFooter } from '@/server/data-files/measure/footer-sizes'
import { indexAllFields } from '@/server/data-files/measure/measure-files'
import { readAhead } from '@/server/parquet/transcode/read-ahead'
import { codecsOf } from '@/server/parquet/transcode/column-layout'
import type { Services } from '@/server/services'
import { readRunApproval, requireApprovedRun, requireApprovedTable } from '@/server/policy/approved-runs'
import type { LiveFile } from '@/server/table/files/live-files'
import { removeFiles } from '@/server/table-writes/remove-files'
import {
  emptySnapshotJournal,
  hasSnapshotOf,
  type SnapshotJournal,
  snapshotJournalSchema,
  unknownSnapshotError,
} from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { clock } from '@/server/timing/clock'
import { commitRewrite, type Replacement } from './commit-rewrite'
import { toLeftOut, type RequestedFiles } from './judge-file'
import { LEFT_OUT_TEXTS, type LeftOut, LeftOutCount } from './left-out'
import { rewriteFile, type RewrittenFile, toReplacement } from './rewrite-file'
import { parseRewriteOutcome, parseRewriteSpec, type RewriteOutcome } from './rewrite-task'
import { readCandidates, readRequestedFiles, selectFiles } from './select-files'

type RewriteServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'log' | 'manifestCache'>

/**
 * Brings data files to the settings of their columns: writes each again on the disk of the worker, proves that its rows
 * are the same, puts it next to the old ones, and replaces those in one snapshot. The old files stay for time travel.
 */
export function rewriteFilesRuns(services: RewriteServices): RunKind {
  return tableWriteRuns<SnapshotJournal>(services, {
    maxConcurrent: 1,
    retryOn: ['commit-conflict'],
    firstPhase: 'selecting',
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => snapshotJournalSchema.parse(json),
    produce: (write) => new Rewrite(services, write).run(),
    isCommitted: hasSnapshotOf,
    parseOutcome: (json) => ({ ...parseRewriteOutcome(json) }),
    unknownError: (journal) => unknownSnapshotError(journal, 'Check the table before you rewrite it again.'),
    discard: async (catalog, run, { locations }) => removeFiles(await catalog.openStore(run.table), locations),
  })
}

/** Vended credentials last about an hour, and a rewrite may take longer. */
const RELOAD_AFTER_MS = 10 * 60_000
const MAX_LOGGED_FILES = 200
/** Names of a run sort in the order of its files. */
const newFileId = monotonicFactory()

class Rewrite {
  readonly #services: RewriteServices
  readonly #write: TableWrite<SnapshotJournal>
  readonly #leftOut = new LeftOutCount()
  #loggedFileCount = 0

  constructor(services: RewriteServices, write: TableWrite<SnapshotJournal>) {
    this.#services = services
    this.#write = write
  }

  async run(): Promise<JsonObject> {
    const write = this.#write
    const { table: identifier } = write.run
    const { proposalId } = parseRewriteSpec(write.run.spec)
    const { database } = this.#services
    await requireApprovedRun(database, { ...write.run, proposalId })
    write.begin(emptySnapshotJournal())
    const table = await write.catalog.loadTable(identifier, { signal: write.signal })
    await requireApprovedTable(database, { ...write.run, proposalId }, table.metadata.tableUuid)
    const requested = readRequestedFiles(table, (sentence) => write.log(sentence, 'warning'))
    const codecs = codecsOf(requested.layout)
    const { files, forAnotherRun } = await this.#select(table, requested)
    if (files.length === 0) {
      this.#logLeftOut()
      write.log('No file has to be rewritten.')
      return { ...this.#toOutcome([], { snapshotId: null, forAnotherRun, rewriteMs: 0, codecs }) }
    }
    const beganAtMs = clock.elapsedMs()
    const replacements = await this.#rewriteAll(table, files, requested)
    const rewriteMs = Math.round(clock.elapsedMs() - beganAtMs)
    return { ...(await this.#commit(table, replacements, { forAnotherRun, rewriteMs, codecs })) }
  }

  async #select(table: LoadedTable, requested: RequestedFiles) {
    const { signal } = this.#write
    const candidates = await readCandidates(this.#services.manifestCache, table, signal)
    for (const { file, why } of candidates.leftOut) this.#leftOut.add(file.dataFile, why)
    const selected = await selectFiles(table, candidates.files, requested, {
      leftOut: this.#leftOut,
      onJudged: () => this.#write.report({}),
      signal,
    })
    const selectedBytes = sum(selected.files.map(({ dataFile }) => dataFile.fileSizeBytes))
    this.#write.report({ total: selectedBytes })
    this.#write.log(
      `${formatQuantity(selected.files.length, 'file')}, ${formatBytes(selectedBytes)}, of ${candidates.files.length + candidates.leftOut.length} to rewrite to current settings.`,
    )
    if (selected.forAnotherRun > 0) {
      const left = formatQuantity(selected.forAnotherRun, 'more file')
      this.#write.log(`${left} for another run: this one has reached its limit.`, 'warning')
    }
    return selected
  }

  /** A file that cannot be read after all is left out. */
  async #rewriteAll(table: LoadedTable, files: readonly LiveFile[], requested: RequestedFiles): Promise<Replacement[]> {
    const write = this.#write
    const fields = indexAllFields(table.metadata)
    const stem = dataFileStem(write.run.table.table, write.run.createdAtMs)
    const planned = files.map((file) => ({ file, location: this.#newLocation(table, file.dataFile, stem) }))
    for (const { location } of planned) table.store.checkLocation(location)
    // All at once, before the first is written: names cost less than a change of the database for each file.
    write.journal.locations = planned.map(({ location }) => location)
    await write.save()
    let current = table
    let loadedAtMs = clock.elapsedMs()
    return write.inStagingFolder(async (folder) => {
      const replacements: Replacement[] = []
      for (const { file, location } of planned) {
        if (clock.elapsedMs() - loadedAtMs > RELOAD_AFTER_MS) {
          current = await write.catalog.loadTable(write.run.table, { signal: write.signal })
          loadedAtMs = clock.elapsedMs()
        }
        const staged = path.join(folder, path.basename(location))
        const written = await this.#rewriteOne(current, file, { staged, location, requested })
        if (!written) continue
        const sizes = sizesFromFooter(written.footer, fields)
        replacements.push({ old: file, added: toReplacement(file, written, location), sizes })
      }
      return replacements
    })
  }

  #newLocation({ metadata }: LoadedTable, { specId, partition }: DataFile, stem: string): string {
    const fileName = dataFileName(stem)
    return dataFileLocation({ fileName, partition }, metadata, findLayout(metadata, specId))
  }

  async #rewriteOne(
    { store }: LoadedTable,
    file: LiveFile,
    { staged, location, requested }: { staged: string; location: string; requested: RequestedFiles },
  ): Promise<RewrittenFile | null> {
    const { signal } = this.#write
    const { filePath, fileSizeBytes, recordCount } = file.dataFile
    const { done, counters } = this.#write.progress
    const onRead = (end: number) =>
      this.#write.report({ phase: 'rewriting', done: done + Math.min(end, fileSizeBytes) })
    try {
      const source = readAhead(await openDataFile(store, filePath, signal), { onRead })
      const written = await rewriteFile(source, staged, file, { requested, signal })
      await store.importFile(staged, location)
      this.#write.report({
        done: done + fileSizeBytes,
        counters: {
          rowsRewritten: (counters.rowsRewritten ?? 0) + recordCount,
          filesRewritten: (counters.filesRewritten ?? 0) + 1,
        },
      })
      this.#logFile(
        `${path.basename(filePath)}: ${formatBytes(fileSizeBytes)} to ${formatBytes(written.fileSizeBytes)}; ` +
          `${formatQuantity(recordCount, 'row')} and ${formatQuantity(written.columnCount, 'column')} are the same.`,
      )
      return written
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Error && hasErrorCode(error, 'ENOSPC')) throw diskFullError(fileSizeBytes, error)
      const why = toLeftOut(error)
      if (why === null) throw error
      await rm(staged, { force: true })
      this.#leaveOut(file, why)
      return null
    }
  }

  /** The log of a run has room for a thousand lines, and the last ones give the outcome of all files. */
  #logFile(text: string, level: LogLevel = 'info'): void {
    this.#loggedFileCount += 1
    if (this.#loggedFileCount <= MAX_LOGGED_FILES) this.#write.log(text, level)
    else if (this.#loggedFileCount === MAX_LOGGED_FILES + 1) this.#write.log('Further files are not listed.')
  }

  #leaveOut({ dataFile }: LiveFile, why: LeftOut): void {
    this.#leftOut.add(dataFile, why)
    this.#logFile(`${dataFile.filePath} stays as it is: ${why.detail ?? LEFT_OUT_TEXTS[why.reason]}.`, 'warning')
  }

  async #commit(
    table: LoadedTable,
    replacements: readonly Replacement[],
    measured: Pick<RewriteOutcome, 'rewriteMs' | 'codecs'> & { forAnotherRun: number },
  ): Promise<RewriteOutcome> {
    this.#write.report({ phase: 'committing' })
    const { proposalId } = parseRewriteSpec(this.#write.run.spec)
    const outcome = await commitRewrite(this.#services, {
      write: this.#write,
      table,
      replacements,
      approval: await readRunApproval(this.#services.database, { ...this.#write.run, proposalId }),
      leaveOut: (file, why) => this.#leaveOut(file, why),
      newDeleteLocation: (file, extension) => {
        const fileName = `${path.basename(file.filePath, '.parquet')}-deletes_${newFileId()}.${extension}`
        return dataFileLocation({ ...file, fileName }, table.metadata, findLayout(table.metadata, file.specId))
      },
      toOutcome: (committed, snapshotId) => this.#toOutcome(committed, { snapshotId, ...measured }),
    })
    this.#logLeftOut()
    const { bytesBefore, bytesAfter, filesRewritten, snapshotId } = outcome
    this.#write.log(
      snapshotId === null
        ? 'No file was replaced.'
        : `${formatQuantity(filesRewritten, 'file')} replaced in snapshot ${snapshotId}: ${formatBytes(bytesBefore)} are now ${formatBytes(bytesAfter)}.`,
    )
    return outcome
  }

  #toOutcome(
    committed: readonly Replacement[],
    {
      snapshotId,
      forAnotherRun,
      rewriteMs,
      codecs,
    }: Pick<RewriteOutcome, 'snapshotId' | 'rewriteMs' | 'codecs'> & { forAnotherRun: number },
  ): RewriteOutcome {
    return {
      snapshotId,
      filesRewritten: committed.length,
      rowsRewritten: sum(committed.map(({ old }) => old.dataFile.recordCount)),
      bytesBefore: sum(committed.map(({ old }) => old.dataFile.fileSizeBytes)),
      bytesAfter: sum(committed.map(({ added }) => added.fileSizeBytes)),
      filesSkipped: this.#leftOut.fileCount,
      filesRemaining: forAnotherRun,
      rewriteMs,
      codecs,
    }
  }

  #logLeftOut(): void {
    for (const { reason, fileCount, detail } of this.#leftOut.list()) {
      const why = [LEFT_OUT_TEXTS[reason], ...(detail === null ? [] : [`such as: ${detail}`])].join(', ')
      this.#write.log(`${formatQuantity(fileCount, 'file')} left out: ${why}.`, 'warning')
    }
  }
}

function diskFullError(fileSizeBytes: number, cause: Error): AppError {
  return new AppError(
    'storage-full',
    `The worker writes each file to its own disk first, and has no room for one of ${formatBytes(fileSizeBytes)}. The table was not changed. Free some space and try again.`,
    { cause, facts: { fileSizeBytes } },
  )
}
