import { AppError } from '@/lib/errors'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { type Located, locateClientLiteral, locateLiteral, toLiteral, UnfitLiteral } from './literal'
import {
  type Between,
  type BoundColumn,
  type BoundCondition,
  type BoundPredicate,
  type ColumnReference,
  type Comparison,
  type Literal,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LITERALS,
  OPPOSITES,
  type Predicate,
  type TextTest,
  toComparisons,
  type UnboundCondition,
} from './predicate'

export type BindOptions = {
  /**
   * Whether a comparison that is negated, also by its kind (`not-eq`, `not-in`), is true for null, as Iceberg’s
   * expressions demand: there, a comparison with null is false. In SQL it is unknown, and so is its negation.
   *
   * Spec: Iceberg expressions spec, *Boolean logic*.
   */
  isTwoValued?: boolean
  /**
   * For a caller that skips files, and leaves the filter itself to its client. A literal that is not a value of the
   * column, such as 0.1 for a float or a time of day for a date, then passes each row that it might pass: clients round
   * it, or compare it as it is.
   */
  isInclusive?: boolean
}

/**
 * Binds a predicate to the columns of a schema: their ids, and literals of their types. Negations are moved into the
 * conditions, so that in the result unknown is the same as false.
 *
 * @throws {AppError} invalid-request, naming the column: unknown, ambiguous, inside a list or map, or of a type that
 *   the condition or the literal does not fit; or when the predicate is too large
 */
export function bindPredicate(
  predicate: Predicate,
  schema: { fields: readonly NestedField[] },
  { isTwoValued = false, isInclusive = false }: BindOptions = {},
): BoundPredicate {
  const index = indexFields(schema)
  const columns = new Map<ColumnReference, BoundColumn>()
  const left = { conditions: MAX_CONDITIONS, literals: MAX_LITERALS }

  const columnOf = (reference: ColumnReference): BoundColumn => {
    const column = columns.get(reference) ?? findColumn(index, reference)
    columns.set(reference, column)
    return column
  }
  const bind = (part: Predicate, isNegated: boolean, depth: number): BoundPredicate => {
    if (depth > MAX_DEPTH) throw filterError(`Its conditions are nested deeper than ${MAX_DEPTH}.`)
    switch (part.kind) {
      case 'true':
      case 'false':
        return (part.kind === 'true') === isNegated ? FALSE : TRUE
      case 'not':
        return bind(part.part, !isNegated, depth + 1)
      case 'and':
      case 'or': {
        const parts = part.parts.map((item) => bind(item, isNegated, depth + 1))
        return (part.kind === 'and') === isNegated ? joinParts('or', parts) : joinParts('and', parts)
      }
      case 'between':
        return bind(toComparisons(part), isNegated, depth + 1)
      default: {
        left.conditions -= 1
        left.literals -= 'values' in part ? part.values.length : 1
        if (left.conditions < 0) throw filterError(`It has more than ${MAX_CONDITIONS} conditions.`)
        if (left.literals < 0) throw filterError(`It has more than ${MAX_LITERALS} values.`)
        const column = columnOf(part.column)
        try {
          const bound = bindCondition(part, column, { isNegated, isInclusive })
          const acceptsNull = isTwoValued && comparesValues(part) && isNegative(part) !== isNegated
          return acceptsNull ? joinParts('or', [bound, { kind: 'is-null', column }]) : bound
        } catch (error) {
          if (error instanceof UnfitLiteral) throw filterError(`Column ${column.name}: ${error.message}.`, column.name)
          throw error
        }
      }
    }
  }
  return bind(predicate, false, 0)
}

/**
 * The predicate with literals, to be printed or stored. Binding it again gives the same.
 *
 * @param referenceOf by default the column's name, which another column may have in another schema
 */
export function unbindPredicate(
  predicate: BoundPredicate,
  referenceOf: (column: BoundColumn) => ColumnReference = ({ name }) => name,
): Predicate {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate
    case 'and':
    case 'or':
      return { kind: predicate.kind, parts: predicate.parts.map((part) => unbindPredicate(part, referenceOf)) }
    default: {
      const { type } = predicate.column
      const column = referenceOf(predicate.column)
      const literalOf = (value: Value): Literal => toLiteral(typeof type === 'string' ? type : 'unknown', value)
      if ('value' in predicate) return { kind: predicate.kind, column, value: literalOf(predicate.value) }
      if ('values' in predicate) return { kind: predicate.kind, column, values: predicate.values.map(literalOf) }
      return { kind: predicate.kind, column }
    }
  }
}

const TRUE: BoundPredicate = { kind: 'true' }
const FALSE: BoundPredicate = { kind: 'false' }

/** Leaves out parts that decide nothing. */
function joinParts(kind: 'and' | 'or', parts: readonly BoundPredicate[]): BoundPredicate {
  const [neutral, deciding] = kind === 'and' ? [TRUE, FALSE] : [FALSE, TRUE]
  if (parts.some((part) => part.kind === deciding.kind)) return deciding
  const rest = parts.flatMap((part) => (part.kind === neutral.kind ? [] : part.kind === kind ? part.parts : [part]))
  const [only] = rest
  if (only === undefined) return neutral
  return rest.length === 1 ? only : { kind, parts: rest }
}

function bindCondition(
  condition: Exclude<UnboundCondition, Between>,
  column: BoundColumn,
  { isNegated, isInclusive }: { isNegated: boolean; isInclusive: boolean },
): BoundPredicate {
  const { type } = column
  const locate = isInclusive ? locateClientLiteral : locateLiteral
  switch (condition.kind) {
    case 'is-null':
    case 'not-null':
      return { kind: isNegated ? OPPOSITES[condition.kind] : condition.kind, column }
    case 'is-nan':
    case 'not-nan':
      if (!isFloating(type)) throw new UnfitLiteral('only a float or double can be NaN')
      return { kind: isNegated ? OPPOSITES[condition.kind] : condition.kind, column }
    case 'starts-with':
    case 'not-starts-with':
    case 'contains':
    case 'not-contains':
    case 'ends-with':
    case 'not-ends-with': {
      if (type !== 'string') throw new UnfitLiteral(`only a string can ${TEXT_VERBS[condition.kind]} a text`)
      const located = locateLiteral(type, condition.value)
      if (located.kind !== 'value') throw new UnfitLiteral('the text has no position among strings')
      return { kind: isNegated ? OPPOSITES[condition.kind] : condition.kind, column, value: located.value }
    }
    case 'in':
    case 'not-in': {
      const isIn = (condition.kind === 'in') !== isNegated
      // As in Iceberg: even null is not in an empty list.
      if (condition.values.length === 0) return isIn ? FALSE : TRUE
      const primitive = requirePrimitive(type)
      const values = condition.values.flatMap((literal) => {
        const located = locate(primitive, literal)
        const rounded = isInclusive ? roundedValue(located, primitive, literal) : null
        if (rounded !== null) return isIn ? [rounded] : []
        return located.kind === 'value' ? [located.value] : []
      })
      if (values.length === 0) return isIn ? FALSE : { kind: 'not-null', column }
      return { kind: isIn ? 'in' : 'not-in', column, values }
    }
    default: {
      const primitive = requirePrimitive(type)
      const located = locate(primitive, condition.value)
      const kind = isNegated ? OPPOSITES[condition.kind] : condition.kind
      const rounded = isInclusive ? roundedValue(located, primitive, condition.value) : null
      const bound = rounded === null ? compareWith(located, kind, column) : compareRounded(rounded, kind, column)
      // NaN is not less than 5, but not at least 5 either.
      const isOrder = kind !== 'eq' && kind !== 'not-eq'
      return isNegated && isOrder && isFloating(type) ? joinParts('or', [bound, { kind: 'is-nan', column }]) : bound
    }
  }
}

const TEXT_VERBS: Readonly<Record<TextTest, string>> = {
  'starts-with': 'start with',
  'not-starts-with': 'start with',
  contains: 'contain',
  'not-contains': 'contain',
  'ends-with': 'end with',
  'not-ends-with': 'end with',
}

/** A comparison with a literal, as one with a value of the column's type. */
function compareWith(located: Located, kind: Comparison, column: BoundColumn): BoundPredicate {
  if (located.kind === 'value') return { kind, column, value: located.value }
  const notNull: BoundCondition = { kind: 'not-null', column }
  if (kind === 'eq') return FALSE
  if (kind === 'not-eq') return notNull
  const isLess = kind === 'lt' || kind === 'lt-eq'
  switch (located.kind) {
    case 'above':
      return { kind: isLess ? 'lt-eq' : 'gt', column, value: located.value }
    case 'below-all':
      return isLess ? FALSE : notNull
    case 'above-all':
      return isLess ? notNull : FALSE
  }
}

/** The value to which a client may round a literal that is between two values of the type; null for any other literal. */
function roundedValue(located: Located, type: PrimitiveType, literal: Literal): Value | null {
  if (located.kind === 'above') return located.value
  if (located.kind !== 'value' || type !== 'float') return null
  return Number(String(literal)) === located.value ? null : located.value
}

/** Passes what a comparison with the rounded literal passes, and what one with the literal itself does. */
function compareRounded(value: Value, kind: Comparison, column: BoundColumn): BoundPredicate {
  switch (kind) {
    case 'eq':
      return { kind, column, value }
    case 'not-eq':
      return { kind: 'not-null', column }
    case 'lt':
    case 'lt-eq':
      return { kind: 'lt-eq', column, value }
    case 'gt':
    case 'gt-eq':
      return { kind: 'gt-eq', column, value }
  }
}

function comparesValues(condition: UnboundCondition): boolean {
  return 'value' in condition || 'values' in condition
}

function isNegative({ kind }: UnboundCondition): boolean {
  return kind.startsWith('not-')
}

function isFloating(type: BoundColumn['type']): boolean {
  return type === 'float' || type === 'double'
}

function requirePrimitive(type: BoundColumn['type']): PrimitiveType {
  if (typeof type === 'string') return type
  throw new UnfitLiteral(`values of a ${type.type} cannot be compared; only whether they are null can be tested`)
}

function findColumn(index: ReadonlyMap<number, IndexedField>, reference: ColumnReference): BoundColumn {
  const found =
    typeof reference === 'number'
      ? [index.get(reference)].filter((indexed) => indexed !== undefined)
      : [...index.values()].filter(({ path }) => path.join('.') === reference)
  const [indexed] = found
  const label = typeof reference === 'number' ? `with the field id ${reference}` : reference
  if (indexed === undefined) throw filterError(`The table has no column ${label}.`, label)
  if (found.length > 1) throw filterError(`The table has ${found.length} columns named ${label}.`, label)
  if (indexed.isRepeated)
    throw filterError(`Column ${label} is inside a list or map, which a filter cannot test.`, label)
  const { field, path } = indexed
  return {
    fieldId: field.id,
    name: path.join('.'),
    type: field.type,
    field: toTopLevel(indexed, index),
    depth: path.length - 1,
  }
}

/** The top-level column around a field, with only the path to it. */
function toTopLevel({ field, parentId }: IndexedField, index: ReadonlyMap<number, IndexedField>): NestedField {
  const parent = parentId === null ? undefined : index.get(parentId)
  if (parent === undefined) return field
  return toTopLevel({ ...parent, field: { ...parent.field, type: { type: 'struct', fields: [field] } } }, index)
}

function filterError(message: string, column?: string): AppError {
  return new AppError(
    'invalid-request',
    `The filter cannot be applied. ${message}`,
    column === undefined ? {} : { facts: { column } },
  )
}
