import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { replaceOperation } from '@/lib/iceberg/operations/replace'
import { version } from '@/package.json'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { PositionDeletes } from '@/server/data-files/delete-files/position-deletes'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { RunApproval } from '@/server/policy/approved-runs'
import type { Services } from '@/server/services'
import { newSnapshotId, runOperation } from '@/server/table/commit/run-operation'
import { removeFiles } from '@/server/table-writes/remove-files'
import { snapshotCommit } from '@/server/table-writes/snapshot-commit'
import type { SnapshotJournal } from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import type { LiveFile } from '@/server/table/files/live-files'
import { toLeftOut } from './judge-file'
import type { LeftOut } from './left-out'
import type { RewriteOutcome } from './rewrite-task'
import { readCandidates } from './select-files'

/** An old file and the new one with its rows. */
export type Replacement = { old: LiveFile; added: DataFile; sizes: DataFileSizes }

/** How often a commit is planned again after another one, before the run is retried. */
const MAX_PLANS = 5

type CommitInput = {
  /** Its journal names the new files. */
  write: TableWrite<SnapshotJournal>
  /** The table when the files were chosen. */
  table: LoadedTable
  replacements: readonly Replacement[]
  /** See `snapshotCommit`. */
  approval: RunApproval
  /** Called for each file that another commit removed since it was chosen, or whose deletes cannot be read. */
  leaveOut: (file: LiveFile, why: LeftOut) => void
  /** Names a file for deletes of a data file. */
  newDeleteLocation: (file: DataFile, extension: string) => string
  /** @param snapshotId null if the rewrite committed nothing */
  toOutcome: (committed: readonly Replacement[], snapshotId: string | null) => RewriteOutcome
}

/**
 * Replaces files in one snapshot on the tip of `main`. Other writers may commit to other files. Files that they removed
 * in the meantime are left out, and their replacements removed. Each new file has the data sequence number of the old
 * one, so that deletes by equality apply to it as before. Deletes by position are read from the tip for each plan, and
 * written again for the new files: those that other writers commit after that are a conflict, and are in the next plan.
 *
 * @throws {AppError} commit-conflict if other writers changed the files in each attempt, or the table was upgraded;
 * commit-state-unknown, with nothing removed; what the catalog and the store throw
 */
export async function commitRewrite(
  services: Pick<Services, 'log' | 'manifestCache'>,
  input: CommitInput,
): Promise<RewriteOutcome> {
  const { write, table, toOutcome } = input
  let remaining = input.replacements
  for (let planCount = 1; ; planCount += 1) {
    const current = await write.catalog.loadTable(write.run.table, { signal: write.signal })
    requireSameTable(table.metadata, current.metadata)
    const plan = await planRewrite(services, current, { ...input, replacements: remaining })
    remaining = plan.replacements
    const { replacements, deletes } = plan
    const startingSnapshotId = current.metadata.currentSnapshotId
    if (replacements.length === 0 || startingSnapshotId === null) return toOutcome([], null)
    const snapshotId = newSnapshotId()
    const outcome = toOutcome(replacements, snapshotId)
    Object.assign(write.journal, { snapshotId, outcome: { ...outcome } })
    const sequenceNumbers = new Map(replacements.map(({ old, added }) => [added.filePath, old.sequenceNumber]))
    const operation = replaceOperation({
      removed: [...replacements.map(({ old }) => old.dataFile), ...deletes.removed],
      added: [...replacements.map(({ added }) => added), ...deletes.added],
      dataSequenceNumber: ({ filePath }) => requireNumber(sequenceNumbers.get(filePath)),
      startingSnapshotId,
      summary: { 'engine-name': 'Lakeshore', 'engine-version': version, 'lakeshore.run-id': write.run.id },
    })
    try {
      await runOperation(
        services.log,
        {
          ...snapshotCommit(write, {
            store: current.store,
            tableUuid: table.metadata.tableUuid,
            sizes: replacements.map(({ added, sizes }) => ({ location: added.filePath, sizes })),
            approval: input.approval,
          }),
          // As the operation, by which History finds the snapshot.
          auditAction: operation.name,
        },
        async (metadata) => {
          requireSameTable(table.metadata, metadata)
          return { operation }
        },
      )
      logDeletes(write, deletes)
      return outcome
    } catch (error) {
      const isConflict = error instanceof AppError && error.code === 'commit-conflict'
      if (!isConflict || planCount === MAX_PLANS) throw error
      await discard(
        current,
        write.journal,
        deletes.added.map(({ filePath }) => filePath),
      )
    }
  }
}

type Plan = {
  replacements: readonly Replacement[]
  deletes: { added: readonly DataFile[]; removed: readonly DataFile[] }
}

/** Leaves out removed files, and writes the deletes by position of the others again. */
async function planRewrite(
  { manifestCache }: Pick<Services, 'manifestCache'>,
  table: LoadedTable,
  { replacements, write, leaveOut, newDeleteLocation }: CommitInput,
): Promise<Plan> {
  const { signal, journal } = write
  const candidates = await readCandidates(manifestCache, table, signal)
  const byPath = new Map(candidates.files.map((file) => [file.dataFile.filePath, file]))
  const byPosition = new PositionDeletes(table, signal)
  const retained: Replacement[] = []
  const moves: { replacement: Replacement; location: string }[] = []
  for (const replacement of replacements) {
    const { old, added } = replacement
    const why = await findChange(old, byPath.get(old.dataFile.filePath), (deletes) =>
      byPosition.read(old.dataFile, deletes),
    )
    if (why !== null) {
      leaveOut(old, why)
      await discard(table, journal, [added.filePath])
      continue
    }
    retained.push(replacement)
    if (candidates.deletes.byPosition(old).length === 0) continue
    moves.push({ replacement, location: newDeleteLocation(added, byPosition.fileExtension) })
  }
  // Before the first of them is written.
  for (const { location } of moves) table.store.checkLocation(location)
  journal.locations.push(...moves.map(({ location }) => location))
  Object.assign(journal, { mayBeSent: false })
  if (moves.length > 0) await write.save()
  const added: DataFile[] = []
  for (const { replacement, location } of moves) {
    const deleted = await byPosition.read(replacement.old.dataFile, candidates.deletes.byPosition(replacement.old))
    // Delete files may name other data files only.
    if (deleted.count > 0) added.push(await byPosition.write(deleted, replacement.added, location))
  }
  return {
    replacements: retained,
    deletes: { added, removed: candidates.deletes.onlyOf(retained.map(({ old }) => old)) },
  }

  async function findChange(
    old: LiveFile,
    now: LiveFile | undefined,
    readDeletes: (deletes: readonly ManifestEntry[]) => Promise<unknown>,
  ): Promise<LeftOut | null> {
    // A table that was upgraded gives its files row ids with the next commit.
    const isSame = now?.sequenceNumber === old.sequenceNumber && now.dataFile.firstRowId === old.dataFile.firstRowId
    if (!isSame) return { reason: 'changed', detail: null }
    const deletes = candidates.deletes.byPosition(old)
    if (deletes.length === 0) return null
    try {
      await readDeletes(deletes)
      return null
    } catch (error) {
      signal.throwIfAborted()
      const why = toLeftOut(error)
      if (why === null) throw error
      return why
    }
  }
}

/** Removes files that no commit names. */
async function discard({ store }: LoadedTable, journal: SnapshotJournal, locations: readonly string[]): Promise<void> {
  await removeFiles(store, locations)
  journal.locations = journal.locations.filter((location) => !locations.includes(location))
}

function logDeletes(write: TableWrite<SnapshotJournal>, { added, removed }: Plan['deletes']): void {
  if (added.length === 0 && removed.length === 0) return
  write.log(
    `The deletes by position of ${formatQuantity(added.length, 'file')} are written again for the new ones; ${formatQuantity(removed.length, 'delete file')} replaced.`,
  )
}

/** @throws {AppError} commit-conflict: the run is retried, and chooses and writes its files again */
function requireSameTable(before: TableMetadata, now: TableMetadata): void {
  if (before.tableUuid !== now.tableUuid) {
    throw new AppError('commit-conflict', 'The table was dropped and created again while its files were rewritten.')
  }
  if (before.formatVersion === now.formatVersion) return
  throw new AppError(
    'commit-conflict',
    `The table was upgraded to format version ${now.formatVersion} while its files were rewritten.`,
    { facts: { formatVersion: now.formatVersion } },
  )
}

function requireNumber(sequenceNumber: number | undefined): number {
  if (sequenceNumber === undefined) throw new Error('a file was added that replaces none')
  return sequenceNumber
}
