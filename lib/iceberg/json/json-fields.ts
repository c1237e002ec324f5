import { AppError } from '@/lib/errors'
import { JsonNumber } from './json-number'
import { isJsonObject } from './json-object'
import type { Json, JsonObject } from './json'

const MAX_INT = 2 ** 31 - 1
const MAX_LONG = 2n ** 63n - 1n

/**
 * Reads one JSON object of a metadata file field by field. `rest` returns the fields that were not read, so that
 * unknown fields are written back unchanged. A null is the same as an absent field.
 *
 * Every method throws {AppError} file-damaged, naming the field, when it is missing or of the wrong type.
 */
export class JsonFields {
  readonly #object: JsonObject
  readonly #path: string
  readonly #readNames = new Set<string>()

  /** `path` names the object in errors: `snapshots[3]`; empty for the document itself. */
  constructor(json: Json, path: string) {
    // Absent, as far as is known: `json` and `items` return null for that, too.
    if (!isJsonObject(json)) throw fieldError(path, 'an object', json ?? undefined)
    this.#object = json
    this.#path = path
  }

  /** The field's path in the document, such as `snapshots[3].summary`. */
  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  has(name: string): boolean {
    return this.json(name) !== null
  }

  /** The field's value; null if it is absent. */
  json(name: string): Json {
    this.#readNames.add(name)
    return this.peek(name)
  }

  /** Like {@link json}, but {@link rest} still returns the field. */
  peek(name: string): Json {
    return (Object.hasOwn(this.#object, name) ? this.#object[name] : null) ?? null
  }

  /** For lists and maps that are empty if absent, but which the specification requires. */
  require(name: string): void {
    if (!this.has(name)) throw this.#error(name, 'present')
  }

  text(name: string): string {
    const value = this.json(name)
    if (typeof value !== 'string') throw this.#error(name, 'a string')
    return value
  }

  boolean(name: string): boolean {
    const value = this.json(name)
    if (typeof value !== 'boolean') throw this.#error(name, 'true or false')
    return value
  }

  /** A 32-bit integer. */
  int(name: string): number {
    const value = this.json(name)
    if (!isInt(value)) throw this.#error(name, 'a 32-bit integer')
    return value
  }

  /** A 64-bit integer that is a count or a time; refused beyond 2^53 instead of rounded. */
  count(name: string): number {
    const value = this.json(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw this.#error(name, 'an integer below 2^53')
    }
    return value
  }

  /** A 64-bit integer that is an id, as decimal text. */
  long(name: string): string {
    const value = this.json(name)
    if (value === null) throw this.#error(name, 'a 64-bit integer')
    return toLong(value, this.pathOf(name))
  }

  /** A list of 64-bit integers, as decimal text; empty if absent. */
  longs(name: string): string[] {
    return this.items(name).map(({ json, path }) => toLong(json, path))
  }

  /** The items of a list with their paths in the document; empty if the list is absent. */
  items(name: string): { json: Json; path: string }[] {
    const value = this.json(name)
    if (value === null) return []
    if (!Array.isArray(value)) throw this.#error(name, 'a list')
    return (value as readonly Json[]).map((json, index) => ({ json, path: `${this.pathOf(name)}[${index}]` }))
  }

  /** The members of an object with their paths in the document; empty if the object is absent. */
  members(name: string): { key: string; json: Json; path: string }[] {
    const value = this.json(name)
    if (value === null) return []
    if (!isJsonObject(value)) throw this.#error(name, 'an object')
    return Object.entries(value).map(([key, json]) => ({ key, json, path: `${this.pathOf(name)}.${key}` }))
  }

  /** A list of 32-bit integers; empty if absent. */
  ints(name: string): number[] {
    return this.items(name).map(({ json, path }) => {
      if (!isInt(json)) throw fieldError(path, 'a 32-bit integer', json)
      return json
    })
  }

  /** A list of strings; empty if absent. */
  texts(name: string): string[] {
    return this.items(name).map(({ json, path }) => toText(json, path))
  }

  /** An object whose values are strings; empty if absent. */
  textMap(name: string): Record<string, string> {
    return Object.fromEntries(this.members(name).map(({ key, json, path }) => [key, toText(json, path)]))
  }

  #error(name: string, expected: string): AppError {
    return fieldError(this.pathOf(name), expected, Object.hasOwn(this.#object, name) ? this.#object[name] : undefined)
  }

  /** `{ unknownFields }` with the fields that were not read, or `{}`: to spread into the record. */
  rest(): { unknownFields?: JsonObject } {
    const unknown = Object.entries(this.#object).filter(([name]) => !this.#readNames.has(name))
    return unknown.length === 0 ? {} : { unknownFields: Object.fromEntries(unknown) }
  }
}

function isInt(json: Json): json is number {
  return typeof json === 'number' && Number.isInteger(json) && json >= -MAX_INT - 1 && json <= MAX_INT
}

function toLong(json: Json, path: string): string {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return String(json)
  if (typeof json === 'bigint' && json >= -MAX_LONG - 1n && json <= MAX_LONG) return String(json)
  throw fieldError(path, 'a 64-bit integer', json)
}

function toText(json: Json, path: string): string {
  if (typeof json !== 'string') throw fieldError(path, 'a string', json)
  return json
}

/** @param found undefined for an absent field */
function fieldError(path: string, expected: string, found: Json | undefined): AppError {
  const field = path === '' ? 'The document' : `Field ${path}`
  return new AppError('file-damaged', `${field} should be ${expected} but is ${describeKind(found)}`, {
    facts: { field: path },
  })
}

function describeKind(json: Json | undefined): string {
  if (json === undefined) return 'absent'
  if (json === null) return 'null'
  if (Array.isArray(json)) return 'a list'
  if (json instanceof JsonNumber) return json.text
  if (typeof json === 'object') return 'an object'
  return typeof json === 'string' ? 'a string' : String(json)
}
