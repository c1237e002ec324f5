import 'server-only'
import { AppError } from '@/lib/errors'
import { appendMetadataLog, applyUpdates, checkRequirements } from '@/lib/iceberg/apply-change'
import { metadataFromUpdates } from '@/lib/iceberg/create-from-updates'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { requireUpdatesFit } from '@/lib/iceberg/size-limits'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { TableChange, TableUpdate } from '@/lib/iceberg/table-update'
import { holdRow, insertRow, readTableRow, swapMetadata } from '@/server/db/catalog-rows'
import { pauseBeforeRetry, type TimeBudget } from '@/server/db/time-budget'
import type {
  ChangeOn,
  CommitOptions,
  Committed,
  LoadedTable,
  TableCommit,
  TransactionOptions,
} from '../catalog-client'
import { checkLocations } from './check-locations'
import { requireNameIsFree, requireNewName } from './create-table'
import { loadTable, type Parts } from './load-table'
import { newLocation } from './location'
import { labelOf } from './names'
import { claimOf, requireApart, requirePlace } from './place'
import { putMetadata } from './put-metadata'
import { removeReplacedMetadata } from './replaced-metadata'
import { tableBusy } from './turns'

/** Tables of one transaction. */
const MOST_TABLES = 100

/** One table's part of a commit, judged on the metadata that the swap then expects; `place` is what it takes. */
type Judged = { ref: TableRef; before: LoadedTable | null; metadata: TableMetadata; place: readonly string[] }

/**
 * Compare-and-swap with rebase and retry: the change is made, checked and applied on the metadata that the swap then
 * expects, so a version that somebody else put in between is never written over.
 */
export async function commitTable(
  parts: Parts,
  ref: TableRef,
  change: ChangeOn,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  const [committed] = await commitAll(parts, [{ ref, change }], options)
  if (!committed) throw new Error('a commit of one table gave none')
  return committed
}

/**
 * Several tables in one transaction: all of them move or none does.
 *
 * @throws {AppError} invalid-request when a table is in it twice, too-large beyond 100 tables
 */
export async function commitTables(
  parts: Parts,
  commits: readonly TableCommit[],
  options: TransactionOptions = {},
): Promise<LoadedTable[]> {
  if (commits.length > MOST_TABLES) {
    throw new AppError('too-large', `A transaction has at most ${MOST_TABLES} tables; this one has ${commits.length}.`)
  }
  const labels = commits.map(({ ref }) => labelOf(ref))
  const twin = labels.find((label, index) => labels.indexOf(label) !== index)
  if (twin !== undefined) throw new AppError('invalid-request', `Two changes of the transaction are to ${twin}.`)
  return commitAll(parts, commits, options)
}

async function commitAll(
  parts: Parts,
  commits: readonly { ref: TableRef; change: ChangeOn }[],
  options: TransactionOptions,
): Promise<LoadedTable[]> {
  const budget = parts.turns.newBudget()
  const labels = commits.map(({ ref }) => labelOf(ref))
  const endTurn = await parts.turns.take(labels, budget, options.signal)
  try {
    return await commitInTurn(parts, commits, options, budget)
  } finally {
    endTurn()
  }
}

async function commitInTurn(
  parts: Parts,
  commits: readonly { ref: TableRef; change: ChangeOn }[],
  { alongside, alongsideAll, signal }: TransactionOptions,
  budget: TimeBudget,
): Promise<LoadedTable[]> {
  for (let attempts = 1; ; attempts += 1) {
    const judged: (Judged | LoadedTable)[] = []
    for (const { ref, change } of commits) judged.push(await judge(parts, ref, change, signal))
    const moving = judged.filter((one): one is Judged => 'before' in one)
    const staying = judged.filter((one): one is LoadedTable => 'metadataLocation' in one)
    if (moving.length === 0) return staying

    requireApart(moving.map(({ place }) => place))
    const committedAt = (locations: readonly string[]): (Committed & { after: LoadedTable })[] =>
      moving.map(({ ref, before, metadata }, index) => ({
        before,
        after: { ref, metadata, metadataLocation: locations[index] ?? '', store: parts.store },
      }))
    const locations = await putMetadata(
      parts,
      {
        puts: moving.map((one) => putOf(parts, one)),
        // What was asserted of them has to hold when the others move.
        held: staying.map(({ ref, metadataLocation }) => holdRow(ref, metadataLocation)),
      },
      (at) => [...committedAt(at).flatMap((committed) => alongside?.(committed) ?? []), ...(alongsideAll?.() ?? [])],
      signal,
    )
    if (locations) {
      const committed = committedAt(locations)
      for (const one of committed) await removeReplacedMetadata(parts, one)
      const after = new Map(moving.map((one, index) => [one, committed[index]?.after]))
      return judged.flatMap((one) => ('before' in one ? (after.get(one) ?? []) : one))
    }
    if (!(await pauseBeforeRetry(budget, attempts))) {
      throw tableBusy(moving.map(({ ref }) => labelOf(ref)).join(', '))
    }
  }
}

/** The table as it is, where the change changes nothing. */
async function judge(
  parts: Parts,
  ref: TableRef,
  change: ChangeOn,
  signal: AbortSignal | undefined,
): Promise<Judged | LoadedTable> {
  if (typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')) {
    const metadata = await metadataOfNew(parts, ref, change)
    return { ref, before: null, metadata, place: await requirePlace(parts, ref, null, metadata) }
  }
  const before = await loadTable(parts, ref, signal)
  const { requirements, updates } = typeof change === 'function' ? await change(before) : change
  checkRequirements(before.metadata, requirements)
  checkLocations(parts.store, updates)
  requireUpdatesFit(updates, before.metadata)
  const metadata = nextMetadata(before, updates)
  if (metadata === null) return before
  return { ref, before, metadata, place: await requirePlace(parts, ref, before.metadata, metadata) }
}

/** @throws {AppError} commit-conflict when the name is taken */
async function metadataOfNew(parts: Parts, ref: TableRef, { requirements, updates }: TableChange) {
  await requireNewName(parts, ref)
  const taken = await readTableRow(parts.database, ref)
  if (taken && !taken.isView) throw new AppError('commit-conflict', 'Requirement failed: table already exists')
  if (taken) await requireNameIsFree(parts, ref, 'table')
  checkRequirements(null, requirements)
  checkLocations(parts.store, updates)
  requireUpdatesFit(updates, null)
  const asked = updates.findLast((update) => update.action === 'set-location')?.location
  const location = await newLocation(parts, ref, asked)
  const placed: TableUpdate[] = asked === undefined ? [...updates, { action: 'set-location', location }] : [...updates]
  return metadataFromUpdates(placed, { nowMs: Date.now() })
}

function putOf(parts: Parts, { ref, before, metadata, place }: Judged) {
  const claim = claimOf(parts, place)
  return {
    ref,
    write: () => parts.metadataFiles.writeTable(parts.store, metadata, { label: labelOf(ref), before }),
    swap: (to: string) =>
      before ? swapMetadata(ref, before.metadataLocation, to, 'table', claim) : insertRow(ref, to, 'table', claim),
    place: metadata,
  }
}

/** Null when the updates change nothing. */
function nextMetadata(before: LoadedTable, updates: readonly TableUpdate[]): TableMetadata | null {
  const { metadata, metadataLocation } = before
  // Times in the metadata never go backwards, also when this machine's clock does.
  const nowMs = Math.max(Date.now(), metadata.lastUpdatedMs)
  const previous = { metadataFile: metadataLocation, timestampMs: metadata.lastUpdatedMs }
  const updated = applyUpdates(metadata, updates, { nowMs })
  return updated === metadata ? null : appendMetadataLog(updated, previous)
}
