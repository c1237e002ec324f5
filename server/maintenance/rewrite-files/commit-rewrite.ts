import 'server-only'
import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { replaceOperation } from '@/lib/iceberg/operations/replace'
import { version } from '@/package.json'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { type DataFileSizes, insertFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { RunContext } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { newSnapshotId, runOperation } from '@/server/table/commit/run-operation'
import type { SnapshotJournal } from '@/server/table/commit/snapshot-journal'
import type { LiveFile } from '@/server/table/live-files'
import { removeFiles, type RewriteRun } from './rewrite-journal'
import type { RewriteOutcome } from './rewrite-task'
import { readCandidates } from './select-files'

/** An old file and the new one with its rows. */
export type Replacement = { old: LiveFile; added: DataFile; sizes: DataFileSizes }

/** How often files that other commits changed are left out, and the rest committed, before the run is tried again. */
const MAX_PLANS = 5

type CommitInput = {
  catalog: CatalogClient
  /** As it was when the files were chosen. */
  table: LoadedTable
  replacements: readonly Replacement[]
  run: RewriteRun
  actor: Actor
  context: RunContext
  /** Names the new files. */
  journal: SnapshotJournal
  /** Called for each file that another commit removed, or deleted rows of, since it was chosen. */
  leaveOut: (file: LiveFile) => void
  /** @param snapshotId null if nothing is committed */
  toOutcome: (committed: readonly Replacement[], snapshotId: string | null) => RewriteOutcome
}

/**
 * Replaces files in one snapshot on the tip of `main`. Commits of others to other files do not matter. Files that others
 * changed meanwhile are left out, and their new ones removed. Each new file has the data sequence number of the old one,
 * so that deletes by equality apply to it as before.
 *
 * @throws {AppError} commit-conflict when others kept changing the files, or the table was upgraded;
 *   commit-state-unknown, with nothing removed; what the catalog and the store throw
 */
export async function commitRewrite(
  services: Pick<Services, 'log' | 'manifestCache'>,
  { catalog, table, replacements, run, actor, context, journal, leaveOut, toOutcome }: CommitInput,
): Promise<RewriteOutcome> {
  let remaining = replacements
  for (let planCount = 1; ; planCount += 1) {
    const current = await catalog.loadTable(run.table, { signal: context.signal })
    requireSameTable(table.metadata, current.metadata)
    const kept = await keepUnchanged(services, current, remaining, { journal, leaveOut, signal: context.signal })
    remaining = kept
    const startingSnapshotId = current.metadata.currentSnapshotId
    if (kept.length === 0 || startingSnapshotId === null) return toOutcome([], null)
    const snapshotId = newSnapshotId()
    const outcome = toOutcome(kept, snapshotId)
    Object.assign(journal, { snapshotId, outcome: { ...outcome }, mayBeSent: false })
    const sequenceNumbers = new Map(kept.map(({ old, added }) => [added.filePath, old.sequenceNumber]))
    const operation = replaceOperation({
      removed: kept.map(({ old }) => old.dataFile),
      added: kept.map(({ added }) => added),
      dataSequenceNumber: ({ filePath }) => requireNumber(sequenceNumbers.get(filePath)),
      startingSnapshotId,
      summary: { 'engine-name': 'Lakeshore', 'engine-version': version, 'lakeshore.run-id': run.id },
    })
    try {
      await runOperation(
        services.log,
        {
          catalog,
          store: current.store,
          identifier: run.table,
          snapshotId,
          beforeWrite: async (location, kind) => {
            journal.locations.push(location)
            journal.mayBeSent ||= kind === 'manifest list'
            await context.saveJournal(journal)
          },
          alongside: () => [
            // The policy may have been set while the files were written. A remote catalog has made the change already.
            ...(catalog.kind === 'embedded' ? [requireNoPolicyChange(run.table)] : []),
            ...kept.map(({ added, sizes }) => insertFileSizes(table.metadata.tableUuid, added.filePath, sizes)),
            context.successChange({ ...outcome }),
          ],
          // As the operation, by which History finds the snapshot.
          auditAction: operation.name,
          actor,
          signal: context.signal,
        },
        async (metadata) => {
          requireSameTable(table.metadata, metadata)
          return { operation }
        },
      )
      return outcome
    } catch (error) {
      const isConflict = error instanceof AppError && error.code === 'commit-conflict'
      if (!isConflict || planCount === MAX_PLANS) throw error
    }
  }
}

/** Leaves out files that are gone or have deletes by position now, and removes the new ones in their place. */
async function keepUnchanged(
  { manifestCache }: Pick<Services, 'manifestCache'>,
  table: LoadedTable,
  replacements: readonly Replacement[],
  { journal, leaveOut, signal }: Pick<CommitInput, 'journal' | 'leaveOut'> & { signal: AbortSignal },
): Promise<Replacement[]> {
  const { files } = await readCandidates(manifestCache, table, signal)
  const byPath = new Map(files.map((file) => [file.dataFile.filePath, file]))
  const isUnchanged = ({ old }: Replacement) => {
    const now = byPath.get(old.dataFile.filePath)
    // A table that was upgraded gives its files row ids with the next commit.
    return now?.sequenceNumber === old.sequenceNumber && now.dataFile.firstRowId === old.dataFile.firstRowId
  }
  const changed = replacements.filter((one) => !isUnchanged(one))
  for (const { old } of changed) leaveOut(old)
  const unused = new Set(changed.map(({ added }) => added.filePath))
  await removeFiles(table.store, [...unused])
  journal.locations = journal.locations.filter((location) => !unused.has(location))
  return replacements.filter(isUnchanged)
}

/** @throws {AppError} commit-conflict: the run is tried again, and chooses and writes its files again */
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
