import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { AppError } from '@/lib/errors'
import { partError, pathTo } from './expression-part'
import {
  COMPARISONS,
  type Comparison,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LITERALS,
  type Predicate,
  TEXT_TESTS,
  type TextTest,
  toComparisons,
} from './predicate'
import {
  type Operand,
  type PartReader,
  parseLiteral,
  parseLiterals,
  parseOperand,
  parseTerm,
  readArgumentValue,
} from './value-json'

/**
 * Predicates as JSON, in the current form (`child`, `left`, `right`) and in the deprecated one (`term`, `value`). Both
 * are read as the same predicate.
 *
 * Spec: Iceberg expressions spec, appendix B, *Predicates*; REST `open-api`, schema `Predicate`. `contains`,
 * `ends-with` and their opposites are additions.
 */

const UNARY = ['is-null', 'not-null', 'is-nan', 'not-nan'] as const
const BINARY = [...COMPARISONS, ...TEXT_TESTS] as const
const OF_SETS = ['in', 'not-in'] as const

export type ParseOptions = {
  /**
   * For a caller that skips files, and leaves the filter itself to its client: a condition that is valid, but that
   * Lakeshore cannot evaluate, excludes no row. Otherwise it is refused.
   */
  isInclusive?: boolean
}

/**
 * Also reads true and false as Iceberg's Java library wrote them: as JSON's own, or as literals.
 *
 * @throws {AppError} invalid-request with the path of the part that is wrong, such as `left.right.value`
 */
export function parsePredicateJson(json: Json, { isInclusive = false }: ParseOptions = {}): Predicate {
  const left = { parts: 2 * MAX_CONDITIONS, values: MAX_LITERALS }

  const enterPart = (path: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw partError(path, `is nested deeper than ${MAX_DEPTH}`)
    if (--left.parts < 0) throw partError(path, `is one of more than ${2 * MAX_CONDITIONS}`)
  }
  const parse = (part: Json | undefined, path: string, depth: number, isNegated: boolean): Predicate => {
    if (typeof part === 'boolean') return { kind: part ? 'true' : 'false' }
    if (!isJsonObject(part)) throw partError(path, 'is not an expression')
    enterPart(path, depth)
    const { type } = part
    switch (type) {
      case 'true':
      case 'false':
        return { kind: type }
      case 'literal':
        if (typeof part.value !== 'boolean') throw partError(pathTo(path, 'value'), 'is not true or false')
        return { kind: part.value ? 'true' : 'false' }
      case 'and':
      case 'or': {
        const parts = (['left', 'right'] as const).map((side) =>
          parse(part[side], pathTo(path, side), depth + 1, isNegated),
        )
        return { kind: type, parts: parts.flatMap((item) => (item.kind === type ? item.parts : [item])) }
      }
      case 'not':
        return { kind: 'not', part: parse(part.child, pathTo(path, 'child'), depth + 1, !isNegated) }
      default: {
        const condition = parseCondition(part, path, depth, reader)
        if (condition.kind !== 'unknown') return condition
        if (!isInclusive) throw partError(condition.path, condition.problem)
        // The constant that passes most rows, whatever the negations around it.
        return { kind: isNegated ? 'false' : 'true' }
      }
    }
  }
  const reader: PartReader = {
    readArgument(part, path, depth) {
      if (isJsonObject(part) && !VALUE_TYPES.has(part.type)) {
        parse(part, path, depth, false)
        return
      }
      enterPart(path, depth)
      readArgumentValue(part, path, depth, reader)
    },
    takeValues(count, path) {
      left.values -= count
      if (left.values < 0) throw partError(path, `has more than ${MAX_LITERALS} values`)
    },
  }
  return parse(json, '', 0, false)
}

/** Conditions that are joined are nested as flat as possible, because JSON joins only two. */
export function predicateToJson(predicate: Predicate): JsonObject {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return { type: predicate.kind }
    case 'not':
      return { type: 'not', child: predicateToJson(predicate.part) }
    case 'and':
    case 'or': {
      const { kind, parts } = predicate
      const [only] = parts
      if (only === undefined) return { type: kind === 'and' ? 'true' : 'false' }
      if (parts.length === 1) return predicateToJson(only)
      const middle = Math.ceil(parts.length / 2)
      return {
        type: kind,
        left: predicateToJson({ kind, parts: parts.slice(0, middle) }),
        right: predicateToJson({ kind, parts: parts.slice(middle) }),
      }
    }
    case 'between':
      return predicateToJson(toComparisons(predicate))
    default: {
      const { kind, column } = predicate
      const term = typeof column === 'string' ? column : { type: 'reference', id: column }
      if ('value' in predicate) return { type: kind, term, value: predicate.value }
      return 'values' in predicate ? { type: kind, term, values: predicate.values } : { type: kind, term }
    }
  }
}

const VALUE_TYPES: ReadonlySet<Json | undefined> = new Set(['reference', 'literal', 'apply'])

type Unknown = Extract<Operand, { kind: 'unknown' }>

function parseCondition(part: JsonObject, path: string, depth: number, reader: PartReader): Predicate | Unknown {
  const { type } = part
  const operandOf = (member: string): Operand => parseOperand(part[member], pathTo(path, member), depth, reader)
  const columnOperand = (member: string): Exclude<Operand, { kind: 'literal' }> => {
    const operand = member === 'term' ? parseTerm(part.term, pathTo(path, member)) : operandOf(member)
    if (operand.kind === 'literal') throw constantError(pathTo(path, member))
    return operand
  }
  const unary = UNARY.find((kind) => kind === type)
  if (unary) {
    const [member = ''] = requireMembers(part, path, [['child'], ['term']])
    const operand = columnOperand(member)
    return operand.kind === 'column' ? { kind: unary, column: operand.column } : operand
  }
  const ofSet = OF_SETS.find((kind) => kind === type)
  if (ofSet) {
    const [member = ''] = requireMembers(part, path, [
      ['child', 'values'],
      ['term', 'values'],
    ])
    const operand = columnOperand(member)
    const values = parseLiterals(part.values, pathTo(path, 'values'), reader)
    if (operand.kind !== 'column') return operand
    return 'kind' in values ? values : { kind: ofSet, column: operand.column, values }
  }
  const binary = BINARY.find((kind) => kind === type)
  if (!binary) {
    const operations = ['and', 'or', 'not', ...UNARY, ...BINARY, ...OF_SETS].join(', ')
    throw partError(pathTo(path, 'type'), `is not an operation that Lakeshore knows: ${operations}`)
  }
  const [member] = requireMembers(part, path, [
    ['left', 'right'],
    ['term', 'value'],
  ])
  if (member === 'term')
    return toComparison(binary, columnOperand(member), parseLiteral(part.value, pathTo(path, 'value')), path)
  return toComparison(binary, operandOf('left'), operandOf('right'), path)
}

/** The comparison that is true when the operands have changed sides. A text test has none. */
const MIRRORED: Partial<Record<Comparison | TextTest, Comparison>> = {
  eq: 'eq',
  'not-eq': 'not-eq',
  lt: 'gt',
  'lt-eq': 'gt-eq',
  gt: 'lt',
  'gt-eq': 'lt-eq',
}

/**
 * A condition without a column is the same for every row. The specification allows it, but what it is meant to test is
 * nearly always a column, as whose name a bare text was read in the deprecated form.
 */
function constantError(path: string): AppError {
  return partError(
    path,
    'is a value, and the condition has no column. A text is a value, too: a column is {"type": "reference", "name": "…"}',
  )
}

function toComparison(kind: Comparison | TextTest, left: Operand, right: Operand, path: string): Predicate | Unknown {
  if (left.kind === 'literal' && right.kind === 'literal') throw constantError(pathTo(path, 'left'))
  if (left.kind === 'column' && right.kind === 'literal') return { kind, column: left.column, value: right.literal }
  const mirrored = MIRRORED[kind]
  if (left.kind === 'literal' && right.kind === 'column' && mirrored !== undefined)
    return { kind: mirrored, column: right.column, value: left.literal }
  if (left.kind === 'unknown') return left
  if (right.kind === 'unknown') return right
  return { kind: 'unknown', path, problem: 'does not compare a column with a value, which Lakeshore does not support' }
}

const MEMBERS = ['child', 'left', 'right', 'term', 'value', 'values']

/**
 * The members of a condition: those of the current form, unless it has one of the deprecated form.
 *
 * @throws {AppError} invalid-request for members of both forms, or of another operation
 */
function requireMembers(
  part: JsonObject,
  path: string,
  [current, deprecated]: readonly [readonly string[], readonly string[]],
): readonly string[] {
  const isDeprecated = deprecated.some((member) => part[member] !== undefined && !current.includes(member))
  const members = isDeprecated ? deprecated : current
  const other = MEMBERS.find((member) => part[member] !== undefined && !members.includes(member))
  if (other !== undefined)
    throw partError(pathTo(path, other), `does not belong to an operation with ${members.join(' and ')}`)
  return members
}
