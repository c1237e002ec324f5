import 'server-only'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { MAX_STATISTICS_CHARS } from '@/lib/iceberg/commit/layout-limits'
import { MAX_SUMMARY_CHARS, MAX_VIEW_TEXT_CHARS } from '@/lib/iceberg/commit/size-limits'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { MAX_NAME_CHARS, MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import {
  MAX_DOC_CHARS,
  MAX_FIELD_NAME_CHARS,
  MAX_LOCATION_CHARS,
  MAX_PROPERTY_CHARS,
  MAX_PROPERTY_NAME_CHARS,
  MAX_SET_PROPERTIES,
} from '@/lib/iceberg/text-limits'
import { MAX_TABLES_IN_TRANSACTION } from '@/server/catalog/port/catalog-write'
import type { Operation } from './operations'
import { MAX_FILTER_CHARS, MAX_STATS_FIELDS } from './planning/planned-scan'
import type { RestInput } from './request-input'

/**
 * The size limits of each part of a request, as a JSON Schema that says nothing else: the reader of a part checks its
 * form. A part without a shape may have `MAX_OTHER_CHARS`.
 *
 * The limits are checked before the request's permission, except those of texts that a table may have already. For
 * these `isRetained` is set: metadata limits them once the current texts of the table are known
 * (`lib/iceberg/commit/size-limits`).
 */
export type SizeShape = {
  type?: 'string' | 'array' | 'object' | readonly ['string', 'object']
  maxLength?: number
  maxItems?: number
  items?: SizeShape
  maxProperties?: number
  propertyNames?: SizeShape
  properties?: Readonly<Record<string, SizeShape>>
  additionalProperties?: SizeShape
  /** For JSON of any shape: characters of its texts, and one for each other value. */
  maxChars?: number
  isRetained?: true
}

const MAX_SUBJECT_CHARS = 200
/** The members of an object with free names. */
const MAX_MEMBERS = 1000
const MAX_OTHER_CHARS = 1024 * 1024
/** The longest URL that the web server accepts is shorter. */
const MAX_QUERY_CHARS = 16_384
const MAX_URL_CHARS = 16_384
/** A plan id is part of a URL. */
export const MAX_PLAN_ID_CHARS = 2_048
/** Enough for a report of a scan with a filter over thousands of values. */
export const MAX_REPORT_CHARS = 64 * 1024
/** Terms of the specification, ids and similar texts. */
const MAX_WORD_CHARS = 255
const MAX_UPDATES = 10_000
/** Five times as many as BigQuery allows. */
const MAX_COLUMNS = 50_000
/** Fields of a partition spec or a sort order; metadata limits its length in characters, too. */
const MAX_LAYOUT_FIELDS = 10_000
/** Ids of snapshots, schemas and specs. */
const MAX_IDS = 100_000
/** Manifests of a snapshot in format version 1 without a manifest list. */
const MAX_MANIFESTS = 100_000
const MAX_REPRESENTATIONS = 100
const MAX_SIGNED_HEADERS = 200
const MAX_HEADER_VALUES = 100
/** A removal of 1,000 keys of the longest kind. */
const MAX_SIGNED_BODY_CHARS = 4 * 1024 * 1024

const text = (maxLength: number): SizeShape => ({ type: 'string', maxLength })
const list = (maxItems: number, items: SizeShape): SizeShape => ({ type: 'array', maxItems, items })
const object = (properties: Record<string, SizeShape>): SizeShape => ({ type: 'object', properties })
const ids: SizeShape = { type: 'array', maxItems: MAX_IDS, items: text(MAX_WORD_CHARS) }
const retained = (shape: SizeShape): SizeShape => ({ ...shape, isRetained: true })

const word = text(MAX_WORD_CHARS)
const name = text(MAX_NAME_CHARS)
const fieldName = text(MAX_FIELD_NAME_CHARS)
const location = text(MAX_LOCATION_CHARS)
const namespace = list(MAX_NAMESPACE_LEVELS, name)
const identifier = object({ namespace, name })
const properties: SizeShape = {
  type: 'object',
  maxProperties: MAX_SET_PROPERTIES,
  propertyNames: retained(text(MAX_PROPERTY_NAME_CHARS)),
  additionalProperties: retained(text(MAX_PROPERTY_CHARS)),
}
/** Names that are too long to be set can be removed. */
const removals = list(MAX_SET_PROPERTIES, text(MAX_PROPERTY_CHARS))
const summary: SizeShape = {
  type: 'object',
  maxProperties: MAX_SET_PROPERTIES,
  propertyNames: retained(text(MAX_SUMMARY_CHARS)),
  additionalProperties: retained(text(MAX_SUMMARY_CHARS)),
}

/** Types contain types. JSON that is nested too deeply is refused before it is parsed. */
const type: SizeShape = {
  type: ['string', 'object'],
  maxLength: MAX_WORD_CHARS,
  get properties() {
    return typeProperties
  },
}
const columns = list(MAX_COLUMNS, object({ name: retained(fieldName), doc: retained(text(MAX_DOC_CHARS)), type }))
const typeProperties = { type: word, fields: columns, element: type, key: type, value: type }

const schema = object({
  type: word,
  fields: columns,
  'identifier-field-ids': { type: 'array', maxItems: MAX_COLUMNS, items: word },
})
const layoutFields = list(
  MAX_LAYOUT_FIELDS,
  object({ name: fieldName, transform: word, direction: word, 'null-order': word, 'source-ids': ids }),
)
const layout = object({ fields: layoutFields })
const statistics: SizeShape = { maxChars: MAX_STATISTICS_CHARS }
const viewVersion = object({
  summary,
  'default-catalog': name,
  'default-namespace': namespace,
  representations: list(
    MAX_REPRESENTATIONS,
    object({ type: word, dialect: word, sql: retained(text(MAX_VIEW_TEXT_CHARS)) }),
  ),
})

/** Updates of a table or a view. */
const sharedUpdate = {
  action: word,
  uuid: word,
  schema,
  location,
  updates: properties,
  updated: properties,
  removals,
  removed: removals,
}
const tableUpdate = object({
  ...sharedUpdate,
  spec: layout,
  'sort-order': layout,
  snapshot: object({ 'manifest-list': location, manifests: list(MAX_MANIFESTS, location), summary, 'key-id': word }),
  'ref-name': fieldName,
  type: word,
  'snapshot-ids': ids,
  statistics,
  'partition-statistics': statistics,
  'spec-ids': ids,
  'schema-ids': ids,
  'encryption-key': { maxChars: MAX_OTHER_CHARS },
  'key-id': word,
})
const viewUpdate = object({ ...sharedUpdate, 'view-version': viewVersion })
const requirements = list(MAX_UPDATES, object({ type: word, uuid: word, ref: fieldName }))
const tableChange = object({ identifier, requirements, updates: list(MAX_UPDATES, tableUpdate) })
const rename = object({ source: identifier, destination: identifier })
const registration = object({ name, 'metadata-location': location })

/** The bodies of the operations that have one. That of `getToken` is a form with separate limits. */
export const BODY_LIMITS: Readonly<Partial<Record<Operation['id'], SizeShape>>> = {
  createNamespace: object({ namespace, properties }),
  updateProperties: object({ updates: properties, removals }),
  createTable: object({ name, location, schema, 'partition-spec': layout, 'write-order': layout, properties }),
  registerTable: registration,
  updateTable: tableChange,
  unregisterTable: object({}),
  signRequest: object({
    method: word,
    region: word,
    provider: word,
    uri: text(MAX_URL_CHARS),
    headers: {
      type: 'object',
      maxProperties: MAX_SIGNED_HEADERS,
      propertyNames: word,
      additionalProperties: list(MAX_HEADER_VALUES, text(MAX_URL_CHARS)),
    },
    body: text(MAX_SIGNED_BODY_CHARS),
    properties: { maxChars: MAX_OTHER_CHARS },
  }),
  planTableScan: object({
    select: list(MAX_COLUMNS, text(MAX_URL_CHARS)),
    filter: { maxChars: MAX_FILTER_CHARS },
    'stats-fields': list(MAX_STATS_FIELDS, text(MAX_URL_CHARS)),
  }),
  // A plan task contains the filter in base64.
  fetchScanTasks: object({ 'plan-task': text(4 * MAX_FILTER_CHARS) }),
  reportMetrics: { maxChars: MAX_REPORT_CHARS },
  renameTable: rename,
  commitTransaction: object({ 'table-changes': list(MAX_TABLES_IN_TRANSACTION, tableChange) }),
  createView: object({ name, location, schema, 'view-version': viewVersion, properties }),
  registerView: registration,
  replaceView: object({ identifier, requirements, updates: list(MAX_UPDATES, viewUpdate) }),
  renameView: rename,
}

/**
 * Bounds the work that a request can cause, in time that grows with its length alone.
 *
 * @throws {AppError} invalid-request; too-large for a part of any shape
 */
export function enforceRequestLimits(
  { id, isWrite }: Operation,
  { query, planId, body }: Pick<RestInput, 'query' | 'planId' | 'body'>,
): void {
  const excess = findExcess(query, planId, body, BODY_LIMITS[id] ?? {})
  if (excess === null) return
  const { subject, count, limit, unit } = excess
  const found = count === null ? 'too large' : `${formatCount(count)} ${unit}`
  throw new AppError(
    count === null ? 'too-large' : 'invalid-request',
    `${shorten(subject)}: ${found}, but the limit is ${formatCount(limit)}${count === null ? ` ${unit}` : ''}.${isWrite ? ' Nothing was changed.' : ''}`,
  )
}

/** `count` is null when it was not counted to the end. */
type Excess = { subject: string; count: number | null; limit: number; unit: 'characters' | 'items' | 'entries' }

function findExcess(query: URLSearchParams, planId: string, body: JsonObject | null, shape: SizeShape): Excess | null {
  return (
    textExcess('The query', query.toString(), MAX_QUERY_CHARS) ??
    textExcess('The plan id', planId, MAX_PLAN_ID_CHARS) ??
    (body === null ? null : jsonExcess(body, shape, ''))
  )
}

function textExcess(subject: string, { length }: string, limit: number): Excess | null {
  return length <= limit ? null : { subject, count: length, limit, unit: 'characters' }
}

function jsonExcess(json: Json, shape: SizeShape, path: string): Excess | null {
  if (shape.isRetained) return null
  const subject = path === '' ? 'The body' : path
  const { maxLength, maxItems, properties: known, additionalProperties: others } = shape
  if (typeof json === 'string' && maxLength !== undefined) return textExcess(subject, json, maxLength)
  if (isList(json) && maxItems !== undefined) {
    if (json.length > maxItems) return { subject, count: json.length, limit: maxItems, unit: 'items' }
    return firstExcess(json, (item, index) => jsonExcess(item, shape.items ?? {}, `${path}[${index}]`))
  }
  if (isJsonObject(json) && (known ?? others)) {
    const { maxProperties = MAX_MEMBERS, propertyNames = fieldName } = shape
    const members = Object.entries(json)
    if (members.length > maxProperties) return { subject, count: members.length, limit: maxProperties, unit: 'entries' }
    return firstExcess(members, ([member, value]) => {
      const memberShape = (known && Object.hasOwn(known, member) ? known[member] : others) ?? {}
      return (
        jsonExcess(member, propertyNames, `A name in ${subject}`) ??
        jsonExcess(value, memberShape, path === '' ? member : `${path}.${member}`)
      )
    })
  }
  const { maxChars = MAX_OTHER_CHARS } = shape
  return countChars(json, maxChars) <= maxChars ? null : { subject, count: null, limit: maxChars, unit: 'characters' }
}

function firstExcess<Item>(
  items: readonly Item[],
  toExcess: (item: Item, index: number) => Excess | null,
): Excess | null {
  for (const [index, item] of items.entries()) {
    const excess = toExcess(item, index)
    if (excess !== null) return excess
  }
  return null
}

/** Stops above the limit. */
function countChars(json: Json, limit: number): number {
  if (typeof json === 'string') return json.length
  let chars = 1
  const add = (part: Json) => {
    chars += countChars(part, limit - chars)
    return chars <= limit
  }
  if (isList(json)) json.every(add)
  else if (isJsonObject(json)) Object.entries(json).every(([key, value]) => add(key) && add(value))
  return chars
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

/** Names in a path are of the client's choice. */
function shorten(subject: string): string {
  return subject.length > MAX_SUBJECT_CHARS ? `${subject.slice(0, MAX_SUBJECT_CHARS)}…` : subject
}
