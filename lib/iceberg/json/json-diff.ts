import { stringifyExactJson } from './exact-json'
import type { Json, JsonObject } from './json'
import { isJsonObject } from './json-object'

/** One difference between two documents. `before` is null for an added value, `after` for a removed one. */
export type JsonDifference = {
  /** `snapshots[snapshot-id=3051729675574597004].summary.operation`; empty for the document itself. */
  path: string
  /** Exact JSON text. */
  before: string | null
  after: string | null
}

/** Fields that identify an element of a list in Iceberg's metadata. The first that all elements have once is used. */
const IDENTITIES = [
  'snapshot-id',
  'schema-id',
  'spec-id',
  'order-id',
  'field-id',
  'id',
  'metadata-file',
  'key-id',
  'timestamp-ms',
] as const

/**
 * The differences between two JSON documents, in the order of the first one. Elements of a list are compared by their
 * id if they have one, otherwise by position. Numbers are compared digit by digit.
 */
export function* diffJson(before: Json, after: Json, path = ''): Generator<JsonDifference> {
  if (isJsonObject(before) && isJsonObject(after)) {
    yield* diffEntries(Object.entries(before), new Map(Object.entries(after)), (name) =>
      path === '' ? name : `${path}.${name}`,
    )
  } else if (isList(before) && isList(after)) {
    const identity = findIdentity(before, after)
    const nameOf = (item: Json, index: number) =>
      identity === null ? String(index) : `${identity}=${idText(item as JsonObject, identity)}`
    const entries = (items: readonly Json[]) => items.map((item, i): [string, Json] => [nameOf(item, i), item])
    yield* diffEntries(entries(before), new Map(entries(after)), (name) => `${path}[${name}]`)
  } else {
    const texts = { before: stringifyExactJson(before), after: stringifyExactJson(after) }
    if (texts.before !== texts.after) yield { path, ...texts }
  }
}

function* diffEntries(
  before: readonly [string, Json][],
  after: Map<string, Json>,
  pathOf: (name: string) => string,
): Generator<JsonDifference> {
  for (const [name, value] of before) {
    const other = after.get(name)
    if (other === undefined) yield { path: pathOf(name), before: stringifyExactJson(value), after: null }
    else yield* diffJson(value, other, pathOf(name))
    after.delete(name)
  }
  for (const [name, value] of after) yield { path: pathOf(name), before: null, after: stringifyExactJson(value) }
}

function findIdentity(...lists: readonly (readonly Json[])[]): string | null {
  return (
    IDENTITIES.find((name) =>
      lists.every((items) => {
        const ids = items.map((item) => (isJsonObject(item) && item[name] !== undefined ? idText(item, name) : null))
        return !ids.includes(null) && new Set(ids).size === ids.length
      }),
    ) ?? null
  )
}

function idText(item: JsonObject, name: string): string {
  const id = item[name] ?? null
  return typeof id === 'string' ? id : stringifyExactJson(id)
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
