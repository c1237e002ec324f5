import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { canHaveDefault, parsePrimitiveDefault } from '@/lib/iceberg/schema/default-value'
import { normalizePrimitiveType } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { isList, partError, pathTo } from './expression-part'
import type { ColumnReference, Literal } from './predicate'

/**
 * The operands of conditions as JSON: columns, literals and calls of functions.
 *
 * Spec: Iceberg expressions spec, appendix B, *Value expressions* and *Backward compatibility*.
 */
export type Operand =
  | { kind: 'column'; column: ColumnReference }
  | { kind: 'literal'; literal: Literal }
  /** Valid, but Lakeshore cannot evaluate it; the problem completes "The part x …". */
  | UnknownOperand

type UnknownOperand = { kind: 'unknown'; path: string; problem: string }

/** Reads the parts inside a part, and bounds them. */
export type PartReader = {
  /** @throws {AppError} invalid-request if the arguments of a function are too many or nested too deep */
  readArgument(part: Json, path: string, depth: number): void
  /** @throws {AppError} invalid-request if the filter has too many values */
  takeValues(count: number, path: string): void
}

/** An operand of the current form (`child`, `left`, `right`). A bare text is a literal. */
export function parseOperand(part: Json | undefined, path: string, depth: number, reader: PartReader): Operand {
  if (isJsonObject(part)) {
    switch (part.type) {
      case 'reference':
        return { kind: 'column', column: parseReference(part, path) }
      case 'literal':
        return parseLiteral(part, path)
      case 'apply':
        return parseApply(part, path, depth, reader)
      default:
        throw partError(path, 'is not a column, a value or a call of a function')
    }
  }
  return parseLiteral(part, path)
}

/** An operand of the deprecated form (`term`). A bare text is the name of a column. */
export function parseTerm(term: Json | undefined, path: string): Operand {
  if (typeof term === 'string') return { kind: 'column', column: term }
  if (!isJsonObject(term)) throw partError(path, 'is not a column')
  if (term.type === 'reference') return { kind: 'column', column: parseReference(term, path) }
  if (term.type !== 'transform') throw partError(path, 'is not a column')
  if (typeof term.transform !== 'string' || term.transform === '')
    throw partError(pathTo(path, 'transform'), 'is not the name of a transform')
  parseTerm(term.term, pathTo(path, 'term'))
  return { kind: 'unknown', path, problem: 'is a transform of a column, which Lakeshore does not support' }
}

/** A bare value, or an object with a value and perhaps its type. */
export function parseLiteral(part: Json | undefined, path: string): Exclude<Operand, { kind: 'column' }> {
  if (!isJsonObject(part)) return { kind: 'literal', literal: parseValue(part, path) }
  if (part.type !== 'literal') throw partError(path, 'is not a value')
  const valuePath = pathTo(path, 'value')
  const literal = parseValue(part.value, valuePath)
  const dataType = parseDataType(part, path)
  if (dataType === 'untyped') return { kind: 'literal', literal }
  if (dataType === 'unknown') return unknownTypeOperand(path)
  return { kind: 'literal', literal: toValueOf(dataType, literal, valuePath) }
}

/** A list of literals, or an object with bare values and their type. */
export function parseLiterals(
  part: Json | undefined,
  path: string,
  { takeValues }: PartReader,
): readonly Literal[] | UnknownOperand {
  if (isList(part)) {
    takeValues(part.length, path)
    const operands = part.map((item, index) => parseLiteral(item, `${path}[${index}]`))
    const unknown = operands.find((operand) => operand.kind === 'unknown')
    return unknown ?? operands.flatMap((operand) => (operand.kind === 'literal' ? [operand.literal] : []))
  }
  if (!isJsonObject(part) || part.type !== 'literals') throw partError(path, 'is not a list')
  const { values } = part
  const valuesPath = pathTo(path, 'values')
  if (!isList(values)) throw partError(valuesPath, 'is not a list')
  takeValues(values.length, valuesPath)
  const literals = values.map((value, index) => parseValue(value, `${valuesPath}[${index}]`))
  const dataType = parseDataType(part, path)
  if (dataType === 'untyped') throw partError(pathTo(path, 'data-type'), 'is missing')
  if (dataType === 'unknown') return unknownTypeOperand(path)
  return literals.map((literal, index) => toValueOf(dataType, literal, `${valuesPath}[${index}]`))
}

/** Reads an argument of a function that is not a condition. Unlike an operand of a condition, it may be null or nested. */
export function readArgumentValue(part: Json, path: string, depth: number, reader: PartReader): void {
  const isLiteral = isJsonObject(part) && part.type === 'literal'
  const value = isLiteral ? part.value : part
  if (value === null || isList(value) || (isLiteral && isJsonObject(value))) return
  parseOperand(part, path, depth, reader)
}

const REFERENCE_MEMBERS = ['name', 'id', 'term'] as const

function parseReference(part: JsonObject, path: string): ColumnReference {
  const given = REFERENCE_MEMBERS.filter((member) => part[member] !== undefined)
  const [member, other] = given
  if (member === undefined) throw partError(path, 'is not a column: it has neither a name nor an id')
  if (other !== undefined) throw partError(pathTo(path, other), `is given in addition to ${member}`)
  const reference = part[member]
  if (member === 'id') {
    if (typeof reference === 'number' && Number.isInteger(reference)) return reference
    throw partError(pathTo(path, member), 'is not a field id')
  }
  if (typeof reference === 'string') return reference
  throw partError(pathTo(path, member), 'is not the name of a column')
}

/** Which functions there are is known to the client that filters the rows. */
function parseApply(part: JsonObject, path: string, depth: number, reader: PartReader): UnknownOperand {
  if (!isFunctionReference(part.function)) throw partError(pathTo(path, 'function'), 'is not the name of a function')
  const argumentsPath = pathTo(path, 'arguments')
  if (!isList(part.arguments)) throw partError(argumentsPath, 'is not a list')
  reader.takeValues(part.arguments.length, argumentsPath)
  for (const [index, argument] of part.arguments.entries()) {
    reader.readArgument(argument, `${argumentsPath}[${index}]`, depth + 1)
  }
  return { kind: 'unknown', path, problem: 'is a call of a function, which Lakeshore does not support' }
}

/** A name, a list of the namespace and the name, or such a list with a catalog. */
function isFunctionReference(json: Json | undefined): boolean {
  if (isJsonObject(json)) {
    const { catalog = null, identifier } = json
    return (catalog === null || typeof catalog === 'string') && isList(identifier) && isFunctionReference(identifier)
  }
  const names = isList(json) ? json : [json]
  return names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')
}

function parseValue(value: Json | undefined, path: string): Literal {
  if (value === null) throw partError(path, 'is null; whether a column is null is a test of its own (is-null)')
  if (value === undefined || isList(value) || isJsonObject(value)) throw partError(path, 'is not a value')
  return value
}

function parseDataType(part: JsonObject, path: string): PrimitiveType | 'untyped' | 'unknown' {
  const dataType = part['data-type']
  if (dataType === undefined) return 'untyped'
  // A type with parts is an object, but has no values that can be compared.
  if (isJsonObject(dataType)) return 'unknown'
  if (typeof dataType !== 'string') throw partError(pathTo(path, 'data-type'), 'is not a type')
  const type = normalizePrimitiveType(dataType)
  return type !== null && canHaveDefault(type) ? type : 'unknown'
}

/** @returns the literal as it was written, but a float as the float that it is: a double column compares with that one */
function toValueOf(type: PrimitiveType, literal: Literal, path: string): Literal {
  const value = parsePrimitiveDefault(type, literal)
  if (value === null) throw partError(path, `is not a value of type ${type}`)
  const isRounded = type === 'float' && typeof value === 'number' && value !== Number(String(literal))
  return isRounded ? value : literal
}

function unknownTypeOperand(path: string): UnknownOperand {
  return { kind: 'unknown', path, problem: 'has a type whose values Lakeshore does not compare' }
}
