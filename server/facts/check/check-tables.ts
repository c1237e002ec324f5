import 'server-only'
import type { Amounts } from '@/lib/facts/amounts'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import type { Database } from '@/server/db/database'
import { type Difference, type FactCheck, factCheckChanges, readFactChecks } from '@/server/db/facts/fact-checks'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import { readFactTables } from '@/server/db/facts/fact-tables'
import { readHistories, type TableHistory } from '@/server/db/facts/histories'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { VersionSource } from '../version-source'

const TABLES_PER_BATCH = 200
const NO_DIFFERENCE: Difference = { rows: 0, files: 0, bytes: 0 }

export type CheckedTable = { table: TableIdentifier; check: FactCheck }

type CountsSource = Pick<VersionSource, 'readCounts'>

/**
 * Compares the total of each history with the sum of its rows, and with the files of its table, as the manifests of the
 * version that the history has list them. A version that was compared before, and was equal, is not read again. Catalogs
 * whose manifests are not read are compared with their sums only. A table whose history goes on meanwhile is left out.
 *
 * @param sourceOf null: the manifests of the catalog are not read
 * @yields each batch of tables when it is stored
 */
export async function* checkTables(
  database: Database,
  sourceOf: (catalog: string) => CountsSource | null,
  signal: AbortSignal,
): AsyncGenerator<CheckedTable[]> {
  const ids = (await readFactTables(database, {})).map(({ id }) => id)
  for (let start = 0; start < ids.length; start += TABLES_PER_BATCH) {
    signal.throwIfAborted()
    const checked = await checkBatch(database, ids.slice(start, start + TABLES_PER_BATCH), sourceOf, signal)
    await database.commit(factCheckChanges(checked.map(({ check }) => check)))
    yield checked
  }
}

async function checkBatch(
  database: Database,
  ids: readonly number[],
  sourceOf: (catalog: string) => CountsSource | null,
  signal: AbortSignal,
): Promise<CheckedTable[]> {
  const histories = await readHistories(database, ids)
  const sums = await readFactSums(database, {
    of: { tableIds: ids },
    fromMs: 0,
    toMs: null,
    by: ['table'],
    grain: 'day',
  })
  const sumsOf = Map.groupBy(sums, ({ tableId }) => tableId)
  const earlier = new Map((await readFactChecks(database, ids)).map((check) => [check.tableId, check]))
  const revisions = new Map((await readHistories(database, ids)).map(({ id, revision }) => [id, revision]))
  const checked: CheckedTable[] = []
  for (const history of histories) {
    signal.throwIfAborted()
    const { id, table, metadataLocation, state, revision } = history
    if (revisions.get(id) !== revision) continue
    const ofSums = subtract(state.total, sumOf(sumsOf.get(id) ?? []))
    const result = isEqual(ofSums)
      ? await compareWithFiles(history, earlier.get(id) ?? null, sourceOf(table.catalog))
      : ({ comparedWith: 'sums', difference: ofSums } as const)
    checked.push({ table, check: { tableId: id, metadataLocation, checkedAtMs: database.nowMs(), ...result } })
  }
  return checked
}

async function compareWithFiles(
  { metadataLocation, state: { total }, version: { mainSnapshotId } }: TableHistory,
  earlier: FactCheck | null,
  source: CountsSource | null,
): Promise<Pick<FactCheck, 'comparedWith' | 'difference'>> {
  const bySums = { comparedWith: 'sums', difference: NO_DIFFERENCE } as const
  if (metadataLocation === null) return bySums
  const wasEqual = earlier?.comparedWith === 'files' && earlier.difference !== null && isEqual(earlier.difference)
  if (wasEqual && earlier.metadataLocation === metadataLocation) {
    return { comparedWith: 'files', difference: earlier.difference }
  }
  if (source === null) return bySums
  if (mainSnapshotId === null) return { comparedWith: 'files', difference: subtract(total, NO_DIFFERENCE) }
  const counted = (await source.readCounts(metadataLocation, mainSnapshotId))?.total
  if (!counted || counted.rows === null || counted.files === null || counted.bytes === null) return bySums
  const { rows, files, bytes } = counted
  return { comparedWith: 'files', difference: subtract(total, { rows, files, bytes }) }
}

function sumOf(sums: readonly FactSum[]): Difference {
  const net = (measure: keyof Difference) =>
    netOfSums(sumTerms(sums.map((one) => ({ term: one.term, amount: one[measure] }))))
  return { rows: net('rows'), files: net('files'), bytes: net('bytes') }
}

function subtract(total: Amounts | Difference, other: Difference): Difference {
  return { rows: total.rows - other.rows, files: total.files - other.files, bytes: total.bytes - other.bytes }
}

export function isEqual({ rows, files, bytes }: Difference): boolean {
  return rows === 0 && files === 0 && bytes === 0
}
