import type { BoundCondition, BoundPredicate } from './predicate'

const OPPOSITES = {
  eq: 'not-eq',
  'not-eq': 'eq',
  lt: 'gt-eq',
  'lt-eq': 'gt',
  gt: 'lt-eq',
  'gt-eq': 'lt',
  'starts-with': 'not-starts-with',
  'not-starts-with': 'starts-with',
  contains: 'not-contains',
  'not-contains': 'contains',
  'ends-with': 'not-ends-with',
  'not-ends-with': 'ends-with',
} as const

/** Cached, so that values cached for a condition, such as its sorted values, also serve its complement. */
const COMPLEMENTS = new WeakMap<BoundPredicate, BoundPredicate>()

/**
 * The predicate that exactly those rows pass that do not pass the given one. This is not its negation, which rows with
 * nulls do not pass either. All rows pass a predicate if none might pass its complement.
 */
export function complementOf(predicate: BoundPredicate): BoundPredicate {
  const complement = COMPLEMENTS.get(predicate) ?? buildComplement(predicate)
  COMPLEMENTS.set(predicate, complement)
  return complement
}

function buildComplement(predicate: BoundPredicate): BoundPredicate {
  switch (predicate.kind) {
    case 'true':
      return { kind: 'false' }
    case 'false':
      return { kind: 'true' }
    case 'and':
      return { kind: 'or', parts: predicate.parts.map(complementOf) }
    case 'or':
      return { kind: 'and', parts: predicate.parts.map(complementOf) }
    case 'is-null':
      return { ...predicate, kind: 'not-null' }
    case 'not-null':
      return { ...predicate, kind: 'is-null' }
    case 'is-nan':
      return orNull({ ...predicate, kind: 'not-nan' })
    case 'not-nan':
      return orNull({ ...predicate, kind: 'is-nan' })
    case 'in':
      return orNull({ ...predicate, kind: 'not-in' })
    case 'not-in':
      return orNull({ ...predicate, kind: 'in' })
    case 'lt':
    case 'lt-eq':
    case 'gt':
    case 'gt-eq': {
      const { column } = predicate
      const opposite = orNull({ ...predicate, kind: OPPOSITES[predicate.kind] })
      const isFloating = column.type === 'float' || column.type === 'double'
      // NaN is on neither side.
      return isFloating ? { kind: 'or', parts: [opposite, { kind: 'is-nan', column }] } : opposite
    }
    default:
      return orNull({ ...predicate, kind: OPPOSITES[predicate.kind] })
  }
}

/** A null passes no condition on values. */
function orNull(condition: BoundCondition): BoundPredicate {
  return { kind: 'or', parts: [condition, { kind: 'is-null', column: condition.column }] }
}
