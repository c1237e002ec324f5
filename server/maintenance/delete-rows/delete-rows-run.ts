import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { dataFileStem } from '@/server/data-files/write/data-file-name'
import type { RunKind } from '@/server/jobs/run-kind'
import { readRunApproval, requireApprovedRun } from '@/server/policy/approved-runs'
import type { Services } from '@/server/services'
import { branchMove } from '@/server/table/commit/branch-move'
import { newSnapshotId, runOperation } from '@/server/table/commit/run-operation'
import { createManifestSource } from '@/server/table/files/live-files'
import { removeFiles } from '@/server/table-writes/remove-files'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import { type FilteredFiles, readFilteredFiles } from '@/server/table-writes/rows/filtered-files'
import {
  matchingRowsOperation,
  type MatchingRowsRemoval,
  removeMatchingRows,
} from '@/server/table-writes/rows/remove-matching-rows'
import { readDeleteIsolation, readWriteMode } from '@/server/table-writes/rows/write-mode'
import { snapshotCommit } from '@/server/table-writes/snapshot-commit'
import {
  emptySnapshotJournal,
  hasSnapshotOf,
  type SnapshotJournal,
  snapshotJournalSchema,
  unknownSnapshotError,
} from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { version } from '@/package.json'
import {
  type DeleteRowsOutcome,
  type DeleteRowsSpec,
  parseDeleteRowsOutcome,
  parseDeleteRowsSpec,
} from './delete-rows-task'
import { requireDeletionBranch } from './deletion-branch'

type DeleteRowsServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'log' | 'manifestCache'>

/** How often a commit is planned again after another one, before the run is retried. */
const MAX_PLANS = 5

/**
 * Deletes the rows that match a filter, in one snapshot: data files whose metadata proves that all of their rows match are
 * removed as a whole, and the others that may match are read. As Spark's `DELETE FROM`.
 */
export function deleteRowsRuns(services: DeleteRowsServices): RunKind {
  return tableWriteRuns<SnapshotJournal>(services, {
    maxConcurrent: 1,
    retryOn: ['commit-conflict'],
    firstPhase: 'selecting',
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => snapshotJournalSchema.parse(json),
    produce: (write) => new Deletion(services, write).run(),
    isCommitted: hasSnapshotOf,
    parseOutcome: (json) => ({ ...parseDeleteRowsOutcome(json) }),
    unknownError: (journal) => unknownSnapshotError(journal, 'Check the table before you delete the rows again.'),
    discard: async (catalog, run, { locations }) => removeFiles(await catalog.openStore(run.table), locations),
  })
}

/** A deletion as it is planned on one version of the table. */
type Plan = { table: LoadedTable; found: FilteredFiles; removal: MatchingRowsRemoval; mode: DeleteRowsOutcome['mode'] }

class Deletion {
  readonly #services: DeleteRowsServices
  readonly #write: TableWrite<SnapshotJournal>
  readonly #spec: DeleteRowsSpec

  constructor(services: DeleteRowsServices, write: TableWrite<SnapshotJournal>) {
    this.#services = services
    this.#write = write
    this.#spec = parseDeleteRowsSpec(write.run.spec)
  }

  async run(): Promise<JsonObject> {
    const write = this.#write
    await requireApprovedRun(this.#services.database, this.#approvable)
    write.begin(emptySnapshotJournal())
    return write.inStagingFolder(async (folder) => ({ ...(await this.#delete(folder)) }))
  }

  async #delete(folder: string): Promise<DeleteRowsOutcome> {
    for (let planCount = 1; ; planCount += 1) {
      const plan = await this.#plan(folder)
      try {
        return await this.#commit(plan)
      } catch (error) {
        const isConflict = error instanceof AppError && error.code === 'commit-conflict'
        if (!isConflict || planCount === MAX_PLANS) throw error
        this.#write.log(`${error.message} The commit is planned again.`)
        await this.#discard(plan)
      }
    }
  }

  async #plan(folder: string): Promise<Plan> {
    const write = this.#write
    const { signal, journal } = write
    write.report({ phase: 'selecting', done: 0, total: null, counters: {} })
    const table = await write.catalog.loadTable(write.run.table, { signal })
    this.#requireSame(table)
    const { metadata, store } = table
    requireDeletionBranch(metadata, this.#spec.branch)
    const { predicate, text } = readDeleteFilter(this.#spec.where, metadata)
    const source = { ...createManifestSource(this.#services.manifestCache, table, { store, signal }), signal }
    const found = await readFilteredFiles(table, { branch: this.#branch, predicate, text }, source)
    const { whole, candidates } = found
    write.report({ phase: 'deleting', total: sum(candidates.map(({ file }) => file.fileSizeBytes)) })
    write.log(
      `By their metadata, all rows of ${formatQuantity(whole.length, 'data file')} match, and rows of ${formatQuantity(candidates.length, 'data file')} may match.`,
    )
    const mode = readWriteMode(metadata, ['write.delete.mode'])
    const removal = await removeMatchingRows(found, {
      table,
      mode,
      folder,
      fileStem: dataFileStem(write.run.table.table, write.run.createdAtMs),
      journal: async (locations) => {
        journal.locations.push(...locations)
        Object.assign(journal, { mayBeSent: false })
        await write.save()
      },
      warn: (sentence) => write.log(sentence, 'warning'),
      onRead: ({ file }) => {
        const { done, counters } = write.progress
        write.report({
          done: done + file.fileSizeBytes,
          counters: { filesRead: (counters.filesRead ?? 0) + 1 },
        })
      },
      signal,
    })
    return { table, found, removal, mode }
  }

  async #commit({ table, found, removal, mode }: Plan): Promise<DeleteRowsOutcome> {
    const write = this.#write
    const { metadata, store } = table
    const snapshotId = newSnapshotId()
    const outcome: DeleteRowsOutcome = { snapshotId, ...removal.counts, mode }
    const operation = matchingRowsOperation(found, removal, {
      added: [],
      mode,
      isolation: readDeleteIsolation(metadata),
      summary: { 'engine-name': 'Lakeshore', 'engine-version': version, 'lakeshore.run-id': write.run.id },
    })
    if (operation === null) {
      write.log('No row matches, so no snapshot is created.')
      return { ...outcome, snapshotId: null }
    }
    write.report({ phase: 'committing' })
    Object.assign(write.journal, { snapshotId, outcome: { ...outcome }, mayBeSent: false })
    await write.save()
    const branch = this.#branch
    await runOperation(
      this.#services.log,
      {
        ...snapshotCommit(write, {
          store,
          tableUuid: metadata.tableUuid,
          sizes: removal.removed.sizes,
          // The policy may have been set while rows were read.
          approval: await readRunApproval(this.#services.database, this.#approvable),
        }),
        branch,
        mergesManifests: true,
        // As the operation, by which History finds the snapshot.
        auditAction: operation.name,
        ...(branch !== MAIN_BRANCH && { auditedIntents: (committed) => branchMove(committed, branch) }),
      },
      async (current) => {
        this.#requireSame({ metadata: current })
        if (current.formatVersion === metadata.formatVersion) return { operation }
        throw new AppError('commit-conflict', `The table was upgraded to format version ${current.formatVersion}.`)
      },
    )
    write.log(describeCommit(outcome))
    return outcome
  }

  async #discard({ table, removal }: Plan): Promise<void> {
    const { journal } = this.#write
    const locations = new Set(removal.removed.added.map(({ filePath }) => filePath))
    await removeFiles(table.store, [...locations])
    journal.locations = journal.locations.filter((location) => !locations.has(location))
  }

  /** @throws {AppError} not-found when another table has got the name: the user saw the rows of the earlier one */
  #requireSame({ metadata }: Pick<LoadedTable, 'metadata'>): void {
    if (metadata.tableUuid === this.#spec.tableUuid) return
    throw new AppError('not-found', 'The table was dropped, and another one has its name. No row was deleted.')
  }

  get #branch(): string {
    return this.#spec.branch ?? MAIN_BRANCH
  }

  get #approvable() {
    return { ...this.#write.run, proposalId: this.#spec.proposalId }
  }
}

function describeCommit({ rowsDeleted, filesRemoved, filesChanged, mode, snapshotId }: DeleteRowsOutcome): string {
  const changed =
    mode === 'copy-on-write'
      ? `${formatQuantity(filesChanged, 'file')} written again`
      : `deletes written for ${formatQuantity(filesChanged, 'file')}`
  return `${formatQuantity(rowsDeleted, 'row')} deleted as snapshot ${snapshotId}: ${formatQuantity(filesRemoved, 'data file')} removed, ${changed}.`
}
