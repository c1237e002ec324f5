import { type Amounts, type KnownAmounts, mapMeasures, type Measure, negate, ZERO } from './amounts'

/**
 * The meaning of the figures on dashboards. For every table and every range of time:
 *
 * total at the start + came in − removed + rewritten − taken back + put back + not read = total at the end.
 *
 * *Moved* and *replaced* are in no sum.
 */
export const TERMS = [
  'came-in',
  'removed',
  'moved',
  'replaced',
  'rewritten',
  'taken-back',
  'put-back',
  'not-read',
] as const
export type Term = (typeof TERMS)[number]

/** The kind of a row of a table's history; `FactRow` says what its amounts are. */
export type FactKind = 'commit' | 'taken-back' | 'put-back' | 'not-read' | 'cleared' | 'off-main'

/** Operations that write the same rows into other files. */
const REPLACE = 'replace'

/**
 * The terms of a fact, in amounts that are never negative except those of `rewritten`, `taken-back`, `put-back` and
 * `not-read`, which are changes. Unknown amounts are left out: a `not-read` fact has what is known of them.
 */
export function toTerms(fact: {
  kind: FactKind
  operation: string | null
  added: KnownAmounts
  removed: KnownAmounts
}): Partial<Record<Term, Amounts>> {
  const net = netOf(fact)
  switch (fact.kind) {
    case 'off-main':
      return {}
    case 'taken-back':
      return { 'taken-back': net }
    case 'put-back':
      return { 'put-back': net }
    case 'not-read':
      return { 'not-read': net }
    case 'cleared':
      return { removed: negate(net) }
    case 'commit':
      return fact.operation === REPLACE ? replaceTerms(fact, net) : commitTerms(fact, net)
  }
}

/** How a fact changes the table's total; what is unknown counts as zero. */
export function effectOf(fact: Parameters<typeof toTerms>[0]): Amounts {
  if (fact.kind === 'off-main') return ZERO
  const net = netOf(fact)
  return fact.kind === 'taken-back' ? negate(net) : net
}

/** How each term counts in the change of a total. */
export const TERM_SIGNS: Readonly<Record<Term, 1 | 0 | -1>> = {
  'came-in': 1,
  removed: -1,
  moved: 0,
  replaced: 0,
  rewritten: 1,
  'taken-back': -1,
  'put-back': 1,
  'not-read': 1,
}

/** The same change from the terms of a fact, of a day or of any other sum. */
export function netOfTerms(terms: Partial<Record<Term, Amounts>>): Amounts {
  return mapMeasures((measure) =>
    TERMS.reduce((net, term) => net + TERM_SIGNS[term] * (terms[term]?.[measure] ?? 0), 0),
  )
}

function netOf({ added, removed }: { added: KnownAmounts; removed: KnownAmounts }): Amounts {
  return mapMeasures((measure) => {
    const [plus, minus] = [added[measure], removed[measure]]
    return plus === null || minus === null ? 0 : plus - minus
  })
}

/** Nothing tells which rows of an overwrite are new, so the part that both came and went is replaced or new. */
function commitTerms(
  { added, removed }: { added: KnownAmounts; removed: KnownAmounts },
  net: Amounts,
): Partial<Record<Term, Amounts>> {
  return {
    'came-in': mapMeasures((measure) => Math.max(net[measure], 0)),
    removed: mapMeasures((measure) => Math.max(0 - net[measure], 0)),
    replaced: mapMeasures((measure) => smallerOf(added, removed, measure)),
  }
}

/**
 * A rewrite changes how many bytes and files there are, and brings no rows. It leaves out rows that are deleted already,
 * which are removed from the data files only then.
 */
function replaceTerms(
  { added, removed }: { added: KnownAmounts; removed: KnownAmounts },
  net: Amounts,
): Partial<Record<Term, Amounts>> {
  return {
    moved: mapMeasures((measure) => (measure === 'rows' ? smallerOf(added, removed, measure) : (added[measure] ?? 0))),
    rewritten: { ...net, rows: 0 },
    'came-in': { ...ZERO, rows: Math.max(net.rows, 0) },
    removed: { ...ZERO, rows: Math.max(0 - net.rows, 0) },
  }
}

function smallerOf(added: KnownAmounts, removed: KnownAmounts, measure: Measure): number {
  const [plus, minus] = [added[measure], removed[measure]]
  return plus === null || minus === null ? 0 : Math.min(plus, minus)
}
