import type { KnownAmounts } from './amounts'
import { type FactKind, type Term, TERMS, toTerms } from './terms'

/** The measures that facts have by partition. */
export const PARTITION_MEASURES = ['rows', 'files', 'bytes'] as const
export type PartitionMeasure = (typeof PARTITION_MEASURES)[number]
export type PartitionAmounts = Readonly<Record<PartitionMeasure, number>>
export type PartitionTerms = Partial<Record<Term, PartitionAmounts>>

/** The files of one partition that a commit added and removed. */
export type PartitionChange = { added: PartitionAmounts; removed: PartitionAmounts }

type Fact = { kind: FactKind; operation: string | null; added: KnownAmounts; removed: KnownAmounts }

export const NO_AMOUNTS: PartitionAmounts = { rows: 0, files: 0, bytes: 0 }

/**
 * The part of the terms of a fact that one partition has. The parts of all partitions add up to the terms of the fact, and
 * the net of each part is that of its files: when a commit brought more than it removed, every partition came in by what
 * it got less what it lost, which is negative where it lost more.
 */
export function toPartitionTerms(fact: Fact, change: PartitionChange): PartitionTerms {
  const terms: Partial<Record<Term, Record<PartitionMeasure, number>>> = {}
  for (const measure of PARTITION_MEASURES) {
    for (const [term, amount] of termsOfMeasure(fact, change, measure)) {
      if (amount === 0) continue
      const known = terms[term] ?? { ...NO_AMOUNTS }
      known[measure] = amount
      terms[term] = known
    }
  }
  return terms
}

function termsOfMeasure(
  { kind, operation, added, removed }: Fact,
  change: PartitionChange,
  measure: PartitionMeasure,
): [Term, number][] {
  const [plus, minus] = [added[measure], removed[measure]]
  // The terms of the fact do not have a measure of which one side is unknown.
  if (plus === null || minus === null) return []
  const [got, lost] = [change.added[measure], change.removed[measure]]
  const net = got - lost
  if (kind === 'taken-back' || kind === 'put-back') return [[kind, net]]
  if (kind !== 'commit') return []
  const isReplace = operation === 'replace'
  if (isReplace && measure !== 'rows')
    return [
      ['moved', got],
      ['rewritten', net],
    ]
  const both: Term = isReplace ? 'moved' : 'replaced'
  return plus >= minus
    ? [
        ['came-in', net],
        [both, lost],
      ]
    : [
        ['removed', lost - got],
        [both, got],
      ]
}

/** The terms of a fact that none of these partitions has; empty if they have all of them. */
export function restOfTerms(fact: Fact, parts: Iterable<PartitionTerms>): PartitionTerms {
  const whole = toTerms(fact)
  const known = sumPartitionTerms(parts)
  return Object.fromEntries(
    TERMS.flatMap((term) => {
      const rest = addPartitionAmounts(whole[term] ?? NO_AMOUNTS, negatePartitionAmounts(known[term] ?? NO_AMOUNTS))
      return isZeroAmounts(rest) ? [] : [[term, rest]]
    }),
  )
}

function sumPartitionTerms(parts: Iterable<PartitionTerms>): PartitionTerms {
  const sums: PartitionTerms = {}
  for (const part of parts) {
    for (const term of TERMS) {
      const amounts = part[term]
      if (amounts) sums[term] = addPartitionAmounts(sums[term] ?? NO_AMOUNTS, amounts)
    }
  }
  return sums
}

export function addPartitionAmounts(a: PartitionAmounts, b: PartitionAmounts): PartitionAmounts {
  return { rows: a.rows + b.rows, files: a.files + b.files, bytes: a.bytes + b.bytes }
}

function negatePartitionAmounts({ rows, files, bytes }: PartitionAmounts): PartitionAmounts {
  return { rows: 0 - rows, files: 0 - files, bytes: 0 - bytes }
}

export function isZeroAmounts(amounts: PartitionAmounts): boolean {
  return PARTITION_MEASURES.every((measure) => amounts[measure] === 0)
}
