import { AppError } from '@/lib/errors'
import {
  type ColumnDeclaration,
  MAX_COLUMNS,
  type TableDeclaration,
  type TypeDeclaration,
} from '../declaration/table-declaration'
import type { Json, JsonObject } from '../../iceberg/json/json'
import { JsonNumber } from '../../iceberg/json/json-number'
import { isJsonObject } from '../../iceberg/json/json-object'
import { MAX_TYPE_DEPTH } from '../../iceberg/schema/schema'

/**
 * Columns of a JSON Schema, drafts 4 to 2020-12 (json-schema.org). Types are converted. Conditions on values are
 * dropped, because a table checks none.
 */

/** Keywords that decide the type of a value. */
const TYPE_KEYWORDS = ['type', 'format', 'contentEncoding', 'enum', 'const', 'anyOf', 'oneOf', '$ref']
const PART_KEYWORDS = ['properties', 'required', 'items', 'additionalProperties', 'description']
/** Keywords that do not describe values. */
const OTHER_KEYWORDS = ['$schema', '$id', 'id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'examples']
const UNDERSTOOD: ReadonlySet<string> = new Set([...TYPE_KEYWORDS, ...PART_KEYWORDS, ...OTHER_KEYWORDS])

const STRING_FORMATS: Readonly<Record<string, string>> = {
  date: 'date',
  'date-time': 'timestamptz',
  time: 'time',
  uuid: 'uuid',
}
/**
 * The most members of objects and lists in it, after references are replaced by their targets: a small text can stand
 * for billions.
 */
export const MAX_JSON_SCHEMA_MEMBERS = 1_000_000
const MAX_REFERENCE_CHARS = 1_000
/** The most keywords that a note names. */
const MAX_NAMED_KEYWORDS = 20

/** Iceberg's own schemas have the type `struct`. */
export function isJsonSchema(json: JsonObject): boolean {
  return '$schema' in json || (json['type'] === 'object' && 'properties' in json)
}

/** @throws {AppError} invalid-request, naming the property that no column can hold */
export function declareJsonSchema(root: JsonObject): { declaration: TableDeclaration; notes: readonly string[] } {
  const reading: Reading = { root, lost: new Set(), members: 0 }
  const { type } = readType(root, { at: [], refs: [] }, reading)
  if (typeof type === 'string' || !('struct' in type)) throw refusalError([], 'is not an object with properties')
  return { declaration: { columns: type.struct }, notes: notesOf([...reading.lost].sort()) }
}

function notesOf(lost: readonly string[]): string[] {
  if (lost.length === 0) return []
  const others = lost.length - MAX_NAMED_KEYWORDS
  const named = lost.slice(0, MAX_NAMED_KEYWORDS).join(', ')
  return [`Not kept, because a table does not check its values: ${named}${others > 0 ? ` and ${others} more` : ''}.`]
}

type Reading = {
  root: JsonObject
  /** Keywords that were passed over. */
  lost: Set<string>
  /** How many members of objects and lists were read. */
  members: number
}
/** Names from the top, and the references that led there. */
type Position = { at: readonly string[]; refs: readonly string[] }
type Found = { type: TypeDeclaration; isNullable: boolean; doc: string | null }

function readType(json: Json | undefined, position: Position, reading: Reading): Found {
  const { at, refs } = position
  if (!isJsonObject(json)) throw refusalError(at, 'says nothing of its type')
  if (at.length > MAX_TYPE_DEPTH) throw refusalError([], `is nested more than ${MAX_TYPE_DEPTH} deep`)
  if (refs.length > MAX_TYPE_DEPTH)
    throw refusalError(at.slice(0, 1), `has more than ${MAX_TYPE_DEPTH} references in a row`)
  const lists = [json['required'], json['enum'], json['type'], json['anyOf'] ?? json['oneOf']]
  reading.members += 1 + Object.keys(json).length + lists.flat().length
  if (reading.members > MAX_JSON_SCHEMA_MEMBERS)
    throw refusalError([], `has more than ${MAX_JSON_SCHEMA_MEMBERS} members with its references`)
  for (const keyword of Object.keys(json)) if (!UNDERSTOOD.has(keyword)) reading.lost.add(keyword)
  const doc = typeof json['description'] === 'string' ? json['description'] : null
  const referred = json['$ref']
  if (referred !== undefined) {
    const found = readReference(referred, position, reading)
    return { ...found, doc: doc ?? found.doc }
  }
  const choices = json['anyOf'] ?? json['oneOf']
  if (choices !== undefined) {
    const found = readChoice(choices, position, reading)
    return { ...found, doc: doc ?? found.doc }
  }
  const { name, isNullable } = typeName(json, at)
  return { type: toType(name, json, position, reading), isNullable, doc }
}

/** Only references within the document are resolved; the parser sends no requests. */
function readReference(reference: Json, { at, refs }: Position, reading: Reading): Found {
  if (typeof reference !== 'string' || !reference.startsWith('#'))
    throw refusalError(at, 'refers to another document, which is not read')
  if (reference.length > MAX_REFERENCE_CHARS)
    throw refusalError(at, `has a reference of more than ${MAX_REFERENCE_CHARS} characters`)
  if (refs.includes(reference)) throw refusalError(at, 'contains itself, and so has no end')
  const names = reference.slice(1).split('/').slice(1)
  const target = names.reduce<Json | undefined>((json, name) => {
    const key = decodePercent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    return isJsonObject(json) && Object.hasOwn(json, key) ? json[key] : undefined
  }, reading.root)
  if (target === undefined) throw refusalError(at, `refers to ${reference}, which is not there`)
  return readType(target, { at, refs: [...refs, reference] }, reading)
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** One type, or null. */
function readChoice(choices: Json, position: Position, reading: Reading): Found {
  const all = Array.isArray(choices) ? choices : []
  const types = all.filter((choice) => !(isJsonObject(choice) && choice['type'] === 'null'))
  const [only] = types
  if (types.length !== 1) throw refusalError(position.at, 'has a choice of types, and a column has one')
  const found = readType(only, position, reading)
  return { ...found, isNullable: found.isNullable || types.length < all.length }
}

function typeName(json: JsonObject, at: readonly string[]): { name: string; isNullable: boolean } {
  const named = json['type'] ?? typesOfValues(json)
  const all = [named].flat().filter((name) => typeof name === 'string')
  const names = [...new Set(all)].filter((name) => name !== 'null')
  const [name] = names
  if (name === undefined) throw refusalError(at, 'says nothing of its type')
  if (names.length > 1) throw refusalError(at, `is ${names.join(' or ')}, and a column has one type`)
  return { name, isNullable: all.includes('null') }
}

/** The types of listed values. */
function typesOfValues({ enum: values, const: value }: JsonObject): string[] {
  const listed = Array.isArray(values) ? values : value === undefined ? [] : [value]
  return listed.map((one) => {
    if (one === null) return 'null'
    if (typeof one === 'bigint') return 'integer'
    if (typeof one === 'number') return Number.isInteger(one) ? 'integer' : 'number'
    return one instanceof JsonNumber ? 'number' : Array.isArray(one) ? 'array' : typeof one
  })
}

function toType(name: string, json: JsonObject, position: Position, reading: Reading): TypeDeclaration {
  const format = typeof json['format'] === 'string' ? json['format'] : null
  const isKnown = (formats: readonly string[]) => format === null || formats.includes(format)
  switch (name) {
    case 'boolean':
      return 'boolean'
    case 'integer':
      if (!isKnown(['int32', 'int64'])) reading.lost.add(`format ${format}`)
      return format === 'int32' ? 'int' : 'long'
    case 'number':
      if (!isKnown(['float', 'double'])) reading.lost.add(`format ${format}`)
      return format === 'float' ? 'float' : 'double'
    case 'string':
      if (json['contentEncoding'] === 'base64') return 'binary'
      if (!isKnown(Object.keys(STRING_FORMATS))) reading.lost.add(`format ${format}`)
      return STRING_FORMATS[format ?? ''] ?? 'string'
    case 'array': {
      const { type, isNullable } = readType(json['items'], within(position, '[]'), reading)
      return { list: type, ...(!isNullable && { required: true }) }
    }
    case 'object':
      return toStructOrMap(json, position, reading)
    default:
      throw refusalError(position.at, `has the type ${name}, which JSON Schema does not know`)
  }
}

function toStructOrMap(json: JsonObject, position: Position, reading: Reading): TypeDeclaration {
  const { properties, additionalProperties: others, required } = json
  if (isJsonObject(properties) && Object.keys(properties).length > 0) {
    if (isJsonObject(others)) reading.lost.add('additionalProperties')
    const names = new Set(Array.isArray(required) ? required : [])
    const count = Object.keys(properties).length
    if (count > MAX_COLUMNS)
      throw refusalError(position.at, `has ${count} properties, and at most ${MAX_COLUMNS} are read`)
    return {
      struct: Object.entries(properties).map(([name, property]): ColumnDeclaration => {
        const { type, isNullable, doc } = readType(property, within(position, name), reading)
        return {
          name,
          type,
          ...(names.has(name) && !isNullable && { required: true }),
          ...(doc !== null && { doc }),
        }
      }),
    }
  }
  if (!isJsonObject(others)) throw refusalError(position.at, 'is an object, and it is not said of which properties')
  const { type, isNullable } = readType(others, within(position, '*'), reading)
  return { map: { key: 'string', value: type }, ...(!isNullable && { required: true }) }
}

function within({ at, refs }: Position, name: string): Position {
  return { at: [...at, name], refs }
}

function refusalError(at: readonly string[], reason: string): AppError {
  const subject = at.length === 0 ? 'The JSON Schema' : at.join('.')
  return new AppError('invalid-request', `${subject} ${reason}.`)
}
