import { AppError } from '@/lib/errors'
import { createTableRequestFromJson } from '../../iceberg/commit/create-table-request'
import { type LineOf, requireDeclaration } from '../declaration/declaration-text'
import { MAX_COLUMNS, type TableDeclaration } from '../declaration/table-declaration'
import { parseExactJson } from '../../iceberg/json/exact-json'
import { isJsonObject } from '../../iceberg/json/json-object'
import type { Json } from '../../iceberg/json/json'
import { readRequest } from '../../iceberg/json/read-request'
import { declarationOfDraft } from '../new-table/new-table-draft'
import { FORMAT_VERSION_PROPERTY } from '../../iceberg/properties/table-properties'
import { schemaFromJson } from '../../iceberg/schema/schema-json'
import { DdlError, positionAt } from './ddl-error'
import { declareJsonSchema, isJsonSchema } from './json-schema'
import type { ParsedTable } from './parsed-table'
import { parseSparkDdl } from './spark-ddl'
import { MAX_DDL_CHARS } from './tokens'
import { parseTrinoDdl } from './trino-ddl'

export const TEXT_FORMATS = ['Spark SQL', 'Trino SQL', 'JSON', 'YAML'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

/** The start of a statement, which the parser of SQL refuses with a reason unless it creates a table. */
const SQL_START = /^(?:create|drop|alter|insert|select|with|use|set|delete|update|merge|replace)\b(?!\s*:)/i

/** The most likely format of a text, by its first words; dialects of SQL by constructs that only one of them has. */
export function guessFormat(text: string): TextFormat {
  // An unclosed comment reaches to the end of the text, so that it is searched once.
  const start = text.replaceAll(/--[^\n]*\n?|\/\*(?:[^]*?\*\/|[^]*)/g, '').trimStart()
  if (start.startsWith('{')) return 'JSON'
  if (start !== '' && !SQL_START.test(start)) return 'YAML'
  const withoutTexts = start.replaceAll(/'(?:[^'\\]+|\\[^]?|'')*'?/g, "''")
  if (/\busing\s+\w+|\btblproperties\b|\bpartitioned\s+by\b|`|<|\bstring\b|\balter\s+table\b/i.test(withoutTexts))
    return 'Spark SQL'
  return /\bwith\s*\(|\bvarchar\b|\bvarbinary\b|\brow\s*\(|\barray\s*[([]|"/i.test(withoutTexts)
    ? 'Trino SQL'
    : 'Spark SQL'
}

/**
 * The table that a text declares.
 *
 * @param parseYaml reads YAML with exact integers; its code is large
 * @throws {AppError} invalid-request; a {DdlError} where the position is known
 */
export function parseTableText(
  text: string,
  format: TextFormat,
  parseYaml: (text: string) => { value: unknown; lineOf: LineOf },
): ParsedTable {
  if (text.length > MAX_DDL_CHARS)
    throw new DdlError(`The text is longer than ${MAX_DDL_CHARS} characters.`, positionAt(text, MAX_DDL_CHARS))
  switch (format) {
    case 'Spark SQL':
      return parseSparkDdl(text)
    case 'Trino SQL':
      return parseTrinoDdl(text)
    case 'JSON':
      return parseTableJson(text)
    case 'YAML': {
      const { value, lineOf } = parseYaml(text)
      const declaration = requireColumns(requireDeclaration(value, 'The file', lineOf))
      return { name: null, location: null, declaration, notes: [] }
    }
  }
}

/** A schema of Iceberg, the request of its REST protocol that creates a table, or a JSON Schema. */
function parseTableJson(text: string): ParsedTable {
  const json = readRequest(() => parseExactJson(text))
  if (!isJsonObject(json)) throw new AppError('invalid-request', 'The JSON is not an object, so it is not a schema.')
  if (isJsonSchema(json)) return { name: null, location: null, ...declareJsonSchema(json) }
  if ('current-schema-id' in json)
    throw new AppError(
      'invalid-request',
      'This is the metadata of a table. Paste one of its schemas, or register its metadata file.',
    )
  if (!('schema' in json)) {
    const schema = readRequest(() => schemaFromJson(json))
    requireKnownMembers(json, ['type', 'schema-id', 'identifier-field-ids', 'fields'])
    return toParsed(null, null, { schema })
  }
  requireKnownMembers(json, [
    'name',
    'schema',
    'partition-spec',
    'write-order',
    'location',
    'properties',
    'stage-create',
  ])
  const {
    name,
    location = null,
    ...request
  } = createTableRequestFromJson('name' in json ? json : { ...json, name: '' })
  return toParsed(name === '' ? null : [name], location, request)
}

function toParsed(
  name: readonly string[] | null,
  location: string | null,
  {
    schema,
    partitionSpec,
    sortOrder,
    properties = {},
  }: Partial<ReturnType<typeof createTableRequestFromJson>> &
    Pick<ReturnType<typeof createTableRequestFromJson>, 'schema'>,
): ParsedTable {
  const { [FORMAT_VERSION_PROPERTY]: version = '2', ...others } = properties
  const draft = {
    formatVersion: toVersion(version),
    schema,
    partitionFields: partitionSpec?.fields ?? [],
    sortFields: sortOrder?.fields ?? [],
    properties: others,
  }
  return { name, location, declaration: requireColumns(declarationOfDraft(draft)), notes: [] }
}

function toVersion(text: string): 1 | 2 | 3 {
  if (text === '1') return 1
  if (text === '2') return 2
  if (text === '3') return 3
  throw new AppError('invalid-request', `${text} is not a format version.`)
}

function requireKnownMembers(json: { readonly [key: string]: Json }, known: readonly string[]): void {
  const unknown = Object.keys(json).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new AppError('invalid-request', `The member ${unknown} is not understood.`)
}

function requireColumns(declaration: TableDeclaration): TableDeclaration {
  const { columns = [] } = declaration
  if (columns.length > MAX_COLUMNS)
    throw new AppError(
      'invalid-request',
      `The text has ${columns.length} columns, and a table has at most ${MAX_COLUMNS}.`,
    )
  if (columns.length > 0) return declaration
  throw new AppError('invalid-request', 'The text has no columns.')
}
