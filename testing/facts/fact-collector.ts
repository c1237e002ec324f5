import { type Amounts, addAmounts, type KnownAmounts, UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { describeVersion, type VersionDescription } from '@/lib/facts/describe-version'
import {
  EMPTY_HISTORY,
  type FactRow,
  foldDrop,
  type FoldedVersion,
  foldRestore,
  foldVersion,
  type HistoryState,
  type KnownCommit,
} from '@/lib/facts/fold-version'
import type { KnownVersion } from '@/lib/facts/known-version'
import { readSnapshotFacts } from '@/lib/facts/snapshot-facts'
import type { TableEvent } from '@/lib/facts/table-event'
import { type Term, TERMS, toTerms } from '@/lib/facts/terms'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** The history of one table in memory, continued as a worker does it. */
export class FactCollector {
  state: HistoryState = EMPTY_HISTORY
  version: KnownVersion | null = null
  readonly rows: FactRow[] = []
  readonly events: TableEvent[] = []
  readonly #known = new Map<string, KnownCommit>()

  /** @param before the metadata of the known version, if it was read */
  read(after: TableMetadata, before: TableMetadata | null, nowMs: number): FoldedVersion {
    // Descriptions are stored as JSON until a worker uses them.
    const json = JSON.stringify(describeVersion(this.version, before, after))
    const description = JSON.parse(json) as VersionDescription
    this.version = description.version
    return this.#add(foldVersion(this.state, description, this.#findKnown(description), nowMs))
  }

  drop(nowMs: number): FoldedVersion {
    return this.#add(foldDrop(this.state, nowMs))
  }

  /** Puts back what the table had at the known version, then reads the newest one. */
  restore(metadata: TableMetadata, nowMs: number): FoldedVersion[] {
    const main = metadata.snapshots.find(({ snapshotId }) => snapshotId === this.version?.mainSnapshotId)
    const total: KnownAmounts = main ? readSnapshotFacts(main).total : UNKNOWN
    return [this.#add(foldRestore(this.state, total, nowMs)), this.read(metadata, null, nowMs)]
  }

  /** The rows of a kind, as `+added -removed` records of each. */
  rowsOf(kind: FactRow['kind']): string[] {
    return this.rows.filter((row) => row.kind === kind).map(({ added, removed }) => `+${added.rows} -${removed.rows}`)
  }

  /** Sums over the whole history, without terms that are zero. */
  sumRecords(): Partial<Record<Term, number>> {
    const sums = sumTerms(this.rows)
    return Object.fromEntries(TERMS.flatMap((term) => (sums[term].rows === 0 ? [] : [[term, sums[term].rows]])))
  }

  /** As the database does it: new commits are not looked up. */
  #findKnown({ moves }: VersionDescription): Map<string, KnownCommit> {
    const ids = moves.flatMap(({ left, entered }) => [
      ...left.map(({ snapshotId }) => snapshotId),
      ...entered.flatMap(({ commit, isNew }) => (isNew ? [] : [commit.snapshotId])),
    ])
    return new Map(
      ids.flatMap((id) => {
        const known = this.#known.get(id)
        return known ? [[id, known] as const] : []
      }),
    )
  }

  #add(folded: FoldedVersion): FoldedVersion {
    this.state = folded.state
    this.rows.push(...folded.rows)
    this.events.push(...folded.events)
    for (const { kind, snapshotId, atMs, enteredAtMs } of folded.rows) {
      if (snapshotId === null || kind === 'off-main') continue
      this.#known.set(snapshotId, { isOnMain: kind !== 'taken-back', enteredAtMs: enteredAtMs ?? atMs })
    }
    return folded
  }
}

export function sumTerms(rows: readonly FactRow[]): Record<Term, Amounts> {
  const sums = Object.fromEntries(TERMS.map((term) => [term, ZERO])) as Record<Term, Amounts>
  for (const row of rows) {
    const terms = toTerms(row)
    for (const term of TERMS) sums[term] = addAmounts(sums[term], terms[term] ?? ZERO)
  }
  return sums
}
