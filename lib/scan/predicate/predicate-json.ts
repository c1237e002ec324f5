import { AppError } from '@/lib/errors'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import {
  COMPARISONS,
  type ColumnReference,
  type Literal,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LITERALS,
  type Predicate,
  TEXT_TESTS,
  toComparisons,
} from './predicate'

/**
 * Predicates as JSON.
 *
 * Spec: Iceberg REST catalog, `Expression`; `contains`, `ends-with` and their opposites are additions.
 */

const UNARY = ['is-null', 'not-null', 'is-nan', 'not-nan'] as const
const BINARY = [...COMPARISONS, ...TEXT_TESTS] as const
/** The expected form of a filter on the wire. */
export const EXPECTED_JSON =
  'A filter is JSON of an Expression of Iceberg’s REST catalog, such as {"type": "gt", "term": "delay", "value": 60}.'
const OF_SETS = ['in', 'not-in'] as const

/**
 * Also reads true and false as Iceberg's Java library writes them: as JSON's own, or as literals.
 *
 * @throws {AppError} invalid-request with the path of the part that is wrong, such as `left.right.value`
 */
export function parsePredicateJson(json: Json): Predicate {
  const left = { conditions: MAX_CONDITIONS, literals: MAX_LITERALS }

  const parse = (part: Json | undefined, path: string, depth: number): Predicate => {
    if (typeof part === 'boolean') return { kind: part ? 'true' : 'false' }
    if (!isJsonObject(part)) throw partError(path, 'is not an expression')
    if (depth > MAX_DEPTH) throw partError(path, `is nested deeper than ${MAX_DEPTH}`)
    if (--left.conditions < -MAX_CONDITIONS) throw partError(path, `is one of more than ${2 * MAX_CONDITIONS}`)
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
        const parts = (['left', 'right'] as const).map((side) => parse(part[side], pathTo(path, side), depth + 1))
        return { kind: type, parts: parts.flatMap((item) => (item.kind === type ? item.parts : [item])) }
      }
      case 'not':
        return { kind: 'not', part: parse(part.child, pathTo(path, 'child'), depth + 1) }
      default:
        return parseCondition(part, path)
    }
  }
  const parseCondition = (part: JsonObject, path: string): Predicate => {
    const { type } = part
    if (typeof type !== 'string') throw operationError(path)
    const column = parseTerm(part.term, pathTo(path, 'term'))
    const unary = UNARY.find((kind) => kind === type)
    if (unary) return { kind: unary, column }
    const binary = BINARY.find((kind) => kind === type)
    if (binary) return { kind: binary, column, value: parseLiteral(part.value, pathTo(path, 'value')) }
    const ofSet = OF_SETS.find((kind) => kind === type)
    if (!ofSet) throw operationError(path)
    const { values } = part
    if (!isList(values)) throw partError(pathTo(path, 'values'), 'is not a list')
    left.literals -= values.length
    if (left.literals < 0) throw partError(pathTo(path, 'values'), `has more than ${MAX_LITERALS} values`)
    return { kind: ofSet, column, values: values.map((value, i) => parseLiteral(value, pathTo(path, `values[${i}]`))) }
  }
  return parse(json, '', 0)
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

function parseTerm(term: Json | undefined, path: string): ColumnReference {
  if (typeof term === 'string') return term
  if (!isJsonObject(term)) throw partError(path, 'is not a column')
  if (term.type === 'transform') throw partError(path, 'is a transform of a column, which Lakeshore does not support')
  if (term.type === 'reference' && typeof term.term === 'string') return term.term
  if (term.type === 'reference' && typeof term.id === 'number') return term.id
  throw partError(path, 'is not a column')
}

function parseLiteral(value: Json | undefined, path: string): Literal {
  if (value === null) throw partError(path, 'is null; whether a column is null is a test of its own (is-null)')
  if (value === undefined || isList(value) || isJsonObject(value)) throw partError(path, 'is not a value')
  return value
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json) && !(json instanceof JsonNumber)
}

function pathTo(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`
}

function operationError(path: string): AppError {
  const operations = ['and', 'or', 'not', ...UNARY, ...BINARY, ...OF_SETS].join(', ')
  return partError(pathTo(path, 'type'), `is not an operation that Lakeshore knows: ${operations}`)
}

function partError(path: string, problem: string): AppError {
  const part = path === '' ? 'The filter' : `The part ${path} of the filter`
  return new AppError('invalid-request', `${part} ${problem}. ${EXPECTED_JSON}`, { facts: { part: path } })
}
