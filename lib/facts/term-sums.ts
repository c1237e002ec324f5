import { TERM_SIGNS, type Term, TERMS } from './terms'

/** The terms of some facts in one measure. */
export type TermSums = Readonly<Record<Term, number>>

export const NO_SUMS = toTermSums(() => 0)

function toTermSums(toValue: (term: Term) => number): Record<Term, number> {
  return Object.fromEntries(TERMS.map((term) => [term, toValue(term)])) as Record<Term, number>
}

export function addTermSums(a: TermSums, b: TermSums): TermSums {
  return toTermSums((term) => a[term] + b[term])
}

/** The sums of many amounts, each of one term. */
export function sumTerms(parts: Iterable<{ term: Term; amount: number }>): TermSums {
  const sums: Record<Term, number> = { ...NO_SUMS }
  for (const { term, amount } of parts) sums[term] += amount
  return sums
}

/** How much the total changed by these terms. */
export function netOfSums(sums: TermSums): number {
  return TERMS.reduce((net, term) => net + TERM_SIGNS[term] * sums[term], 0)
}
