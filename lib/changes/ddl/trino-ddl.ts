import {
  type ColumnDeclaration,
  MAX_MEMBERS,
  type SortFieldDeclaration,
  type TypeDeclaration,
} from '../declaration/table-declaration'
import { DESCRIPTION_PROPERTY } from '../new-table/new-table-draft'
import { CODEC_PROPERTY } from '../../iceberg/properties/compression'
import type { ParsedTable } from './parsed-table'
import { toVersion } from './spark-ddl'
import { readColumnOptions, readSqlType } from './sql-types'
import { readPath, readSortField, readTrinoTerm, toPartitionField } from './table-terms'
import { TokenReader } from './token-reader'
import type { Token } from './tokens'

/**
 * Reads `CREATE TABLE … WITH (…)` of Trino for its Iceberg connector. Refuses a clause that it does not understand by
 * its name.
 *
 * @throws {DdlError} with the position
 */
export function parseTrinoDdl(text: string): ParsedTable {
  const reader = new TokenReader(text, 'trino')
  reader.require('CREATE')
  if (reader.isAt('OR')) reader.refuse('A table that exists is not replaced here: leave OR REPLACE out.')
  reader.require('TABLE')
  reader.take('IF', 'NOT', 'EXISTS')
  const name = readPath(reader).flatMap((part, i, all) =>
    i === all.length - 2 && all.length === 3 ? part.split('.') : [part],
  )
  const columns = reader.list(() => readColumn(reader))
  const description = reader.take('COMMENT') ? reader.text('the comment') : null
  if (reader.isAt('AS')) reader.refuse('Rows cannot be copied with the table: leave AS SELECT out.')
  const settings = reader.take('WITH') ? readSettings(reader, columns) : NO_SETTINGS
  reader.takeSymbol(';')
  if (reader.peek().kind !== 'end') reader.fail('the end was expected')
  return {
    name,
    location: settings.location,
    declaration: {
      ...(settings.formatVersion !== null && { 'format-version': settings.formatVersion }),
      columns,
      'partition-fields': settings.partitionFields,
      'sort-fields': settings.sortFields,
      properties: {
        ...(description !== null && { [DESCRIPTION_PROPERTY]: description }),
        ...settings.properties,
      },
    },
    notes: reader.notes,
  }
}

function readColumn(reader: TokenReader): ColumnDeclaration {
  if (reader.isAt('LIKE')) reader.refuse('Begin with “Like another table” instead of LIKE.')
  const token = reader.peek()
  const name = reader.name('a column')
  const column = { name: name.toLowerCase(), type: readSqlType(reader, 'trino'), ...readColumnOptions(reader) }
  if (reader.isAt('WITH')) reader.refuse(`The column ${name} has properties, which Iceberg’s columns do not.`, token)
  return column
}

type Settings = {
  formatVersion: 1 | 2 | 3 | null
  location: string | null
  partitionFields: ReturnType<typeof toPartitionField>[]
  sortFields: SortFieldDeclaration[]
  properties: Record<string, string>
}
const NO_SETTINGS: Settings = {
  formatVersion: null,
  location: null,
  partitionFields: [],
  sortFields: [],
  properties: {},
}

/** Properties of Trino that are properties of Iceberg under other names. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  data_location: 'write.data.path',
  object_store_layout_enabled: 'write.object-storage.enabled',
  max_commit_retry: 'commit.retry.num-retries',
}

function readSettings(reader: TokenReader, columns: readonly ColumnDeclaration[]): Settings {
  const found: Settings = { ...NO_SETTINGS, properties: {} }
  const seen = new Set<string>()
  let [format, codec]: [string, string | null] = ['parquet', null]
  const readColumnTerm = (term: TokenReader) => readTrinoTerm(term, (name) => pathOf(name, columns))
  reader.list(() => {
    const token = reader.peek()
    const key = reader.name('a property').toLowerCase()
    if (seen.has(key)) reader.refuse(`${key} is there twice.`, token)
    seen.add(key)
    reader.requireSymbol('=')
    switch (key) {
      case 'format_version': {
        const version = reader.peek()
        found.formatVersion = toVersion(reader, String(reader.integer('the format version')), version)
        return
      }
      case 'format':
        format = reader.text('the format').toLowerCase()
        found.properties['write.format.default'] = format
        return
      case 'compression_codec':
        codec = reader.text('the codec').toLowerCase()
        return
      case 'location':
        found.location = reader.text('the location')
        return
      case 'partitioning':
        found.partitionFields = readTerms(reader).map((term) => toPartitionField(inText(reader, term, readColumnTerm)))
        return
      case 'sorted_by':
        found.sortFields = readTerms(reader).map((term) =>
          inText(reader, term, (inner) => {
            const field = readColumnTerm(inner)
            if (field.transform !== 'identity') inner.refuse('Trino sorts by columns, not by transforms.')
            return readSortField(inner, field, () => 'nulls-first')
          }),
        )
        return
      case 'extra_properties':
        Object.assign(found.properties, readMap(reader))
        return
      default: {
        const name = OTHER_NAMES[key]
        if (name === undefined) reader.refuse(`The property ${key} of Trino is not understood.`, token)
        const value = reader.next()
        if (value.kind === 'symbol' || value.kind === 'end') reader.fail('a value was expected', value)
        found.properties[name] = value.kind === 'word' ? value.text.toLowerCase() : value.text
      }
    }
  })
  // Either of them may come first.
  if (codec !== null) Object.assign(found.properties, codecProperty(format, codec))
  return found
}

/** Each format has its own property, and ORC its own names. */
function codecProperty(format: string, codec: string): Record<string, string> {
  if (format === 'orc') return { 'write.orc.compression-codec': codec === 'gzip' ? 'zlib' : codec }
  const key = format === 'avro' ? 'write.avro.compression-codec' : CODEC_PROPERTY
  return { [key]: codec === 'none' ? 'uncompressed' : codec }
}

/**
 * Reads a text within the statement. Its errors name the text, because positions in it are not positions in the
 * statement.
 */
function inText<Result>(reader: TokenReader, { text, token }: TextItem, read: (inner: TokenReader) => Result): Result {
  try {
    const inner = new TokenReader(text, 'trino')
    const result = read(inner)
    if (inner.peek().kind !== 'end') inner.fail('the end was expected')
    return result
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Line \d+, column \d+: /, '') : String(error)
    return reader.refuse(`In '${text}': ${reason}`, token)
  }
}

/** Each is looked up among all columns. */
function readTerms(reader: TokenReader): TextItem[] {
  const terms = readTexts(reader)
  if (terms.length > MAX_MEMBERS) reader.refuse(`There are more than ${MAX_MEMBERS} of them.`)
  return terms
}

type TextItem = { text: string; token: Token }

function readTexts(reader: TokenReader): TextItem[] {
  reader.require('ARRAY')
  if (reader.peek(1).text === ']' && reader.takeSymbol('[')) {
    reader.requireSymbol(']')
    return []
  }
  return reader.list(() => {
    const token = reader.peek()
    return { token, text: reader.text('an item') }
  }, ['[', ']'])
}

function readMap(reader: TokenReader): Record<string, string> {
  reader.require('MAP')
  reader.requireSymbol('(')
  const token = reader.peek()
  const keys = readTexts(reader)
  reader.requireSymbol(',')
  const values = readTexts(reader)
  reader.requireSymbol(')')
  if (keys.length !== values.length) reader.refuse('The map has other numbers of keys and values.', token)
  const map = Object.fromEntries(keys.map(({ text }, i) => [text, values[i]?.text ?? '']))
  if (Object.keys(map).length !== keys.length) reader.refuse('The map has a key twice.', token)
  return map
}

/** A name with dots is that of a nested column, unless a column is named like that. */
function pathOf(name: string, columns: readonly ColumnDeclaration[]): readonly string[] {
  const lower = name.toLowerCase()
  const exact = columns.find((column) => column.name === lower)
  if (exact) return [exact.name]
  for (const column of columns) {
    const rest = lower.startsWith(`${column.name}.`) ? lower.slice(column.name.length + 1) : null
    const inner = rest === null ? null : innerColumns(column.type)
    if (rest === null || inner === null) continue
    return [column.name, ...(findInner(rest, inner) ?? [rest])]
  }
  return [lower]
}

/** Fields of rows keep their case. */
function findInner(rest: string, columns: readonly ColumnDeclaration[]): readonly string[] | null {
  const found = columns.find(({ name }) => name.toLowerCase() === rest)
  if (found) return [found.name]
  for (const { name, type } of columns) {
    const inner = rest.startsWith(`${name.toLowerCase()}.`) ? innerColumns(type) : null
    const path = inner && findInner(rest.slice(name.length + 1), inner)
    if (path) return [name, ...path]
  }
  return null
}

function innerColumns(type: TypeDeclaration): readonly ColumnDeclaration[] | null {
  return typeof type !== 'string' && 'struct' in type ? type.struct : null
}
