import type { ColumnDeclaration, SortFieldDeclaration } from '../declaration/table-declaration'
import { DESCRIPTION_PROPERTY } from '../new-table/new-table-draft'
import { FORMAT_VERSION_PROPERTY } from '../../iceberg/properties/table-properties'
import type { ParsedTable } from './parsed-table'
import { readColumnOptions, readSqlType } from './sql-types'
import { readPath, readSortField, readSparkTerm, toPartitionField } from './table-terms'
import { TokenReader } from './token-reader'

/**
 * Reads `CREATE TABLE … USING iceberg` of Spark SQL, followed by statements that set identifier fields and the order of
 * the same table. Refuses a clause that it does not understand by its name.
 *
 * @throws {DdlError} with the position
 */
export function parseSparkDdl(text: string): ParsedTable {
  const reader = new TokenReader(text, 'spark')
  reader.require('CREATE')
  if (reader.isAt('OR')) reader.refuse('A table that exists is not replaced here: leave OR REPLACE out.')
  if (reader.isAt('TEMPORARY') || reader.isAt('EXTERNAL'))
    reader.refuse(`${reader.peek().text} tables are not in Iceberg.`)
  reader.require('TABLE')
  reader.take('IF', 'NOT', 'EXISTS')
  const name = readPath(reader)
  if (reader.isAt('LIKE')) reader.refuse('Begin with “Like another table” instead of LIKE.')
  const columns = reader.list(() => readColumn(reader))
  const clauses = readClauses(reader)
  const more = readAlters(reader, name)
  columns.push(...clauses.partitionColumns)
  return {
    name,
    location: clauses.location,
    declaration: {
      ...(clauses.formatVersion !== null && { 'format-version': clauses.formatVersion }),
      columns,
      'identifier-fields': more.identifierFields,
      'partition-fields': clauses.partitionFields,
      'sort-fields': more.sortFields,
      properties: clauses.properties,
    },
    notes: reader.notes,
  }
}

function readColumn(reader: TokenReader): ColumnDeclaration {
  if (reader.isAt('PRIMARY', 'KEY') || reader.isAt('CONSTRAINT'))
    reader.refuse('Iceberg has no constraints. Identifier fields are set by ALTER TABLE … SET IDENTIFIER FIELDS.')
  const name = reader.name('a column')
  reader.takeSymbol(':')
  return { name, type: readSqlType(reader, 'spark'), ...readColumnOptions(reader) }
}

type Clauses = {
  /** Columns that only the partitioning names, as Hive writes them. */
  partitionColumns: ColumnDeclaration[]
  partitionFields: ReturnType<typeof toPartitionField>[]
  location: string | null
  formatVersion: 1 | 2 | 3 | null
  properties: Record<string, string>
}

/** In any order, each once. */
function readClauses(reader: TokenReader): Clauses {
  const found: Clauses = {
    partitionColumns: [],
    partitionFields: [],
    location: null,
    formatVersion: null,
    properties: {},
  }
  const seen = new Set<string>()
  for (;;) {
    const token = reader.peek()
    const clause = token.text.toUpperCase()
    if (token.kind === 'word' && seen.has(clause)) reader.refuse(`${clause} is there twice.`)
    if (reader.take('USING')) {
      const format = reader.name('the format')
      if (format.toLowerCase() !== 'iceberg') reader.refuse(`USING iceberg was expected, not ${format}.`, token)
    } else if (reader.take('PARTITIONED', 'BY')) {
      readPartitioning(reader, found)
    } else if (reader.take('COMMENT')) {
      found.properties[DESCRIPTION_PROPERTY] = reader.text('the comment')
    } else if (reader.take('LOCATION')) {
      found.location = reader.text('the location')
    } else if (reader.take('TBLPROPERTIES')) {
      readProperties(reader, found)
    } else {
      if (reader.isAt('AS')) reader.refuse('Rows cannot be copied with the table: leave AS SELECT out.')
      if (token.kind === 'word') reader.refuse(`${token.text} is not understood here, so nothing is taken over.`)
      return found
    }
    seen.add(clause)
  }
}

/** Either transforms of columns, or columns of their own with types, which come after the others. */
function readPartitioning(reader: TokenReader, found: Clauses): void {
  // After the bracket and the name.
  const next = reader.peek(2)
  if (next.kind !== 'word' && next.kind !== 'name') {
    found.partitionFields = reader.list(() => toPartitionField(readSparkTerm(reader)))
    return
  }
  found.partitionColumns = reader.list(() => readColumn(reader))
  found.partitionFields = found.partitionColumns.map(({ name }) =>
    toPartitionField({ column: [name], transform: 'identity' }),
  )
}

function readProperties(reader: TokenReader, found: Clauses): void {
  const seen = new Set<string>()
  reader.list(() => {
    const token = reader.peek()
    const key = token.kind === 'text' ? reader.text('a property') : readPath(reader).join('.')
    if (seen.has(key)) reader.refuse(`The property ${key} is there twice.`, token)
    seen.add(key)
    reader.takeSymbol('=')
    const value = readValue(reader)
    if (key === FORMAT_VERSION_PROPERTY) found.formatVersion = toVersion(reader, value, token)
    else found.properties[key] = value
  })
}

function readValue(reader: TokenReader): string {
  const token = reader.peek()
  if (token.kind === 'text' || token.kind === 'number' || reader.isAt('TRUE') || reader.isAt('FALSE'))
    return reader.next().text
  return reader.fail('a value was expected')
}

export function toVersion(reader: TokenReader, text: string, token: ReturnType<TokenReader['peek']>): 1 | 2 | 3 {
  const version = ([1, 2, 3] as const).find((one) => String(one) === text)
  return version ?? reader.refuse(`${text} is not a format version.`, token)
}

/** The statements after the first, each about the same table. */
function readAlters(reader: TokenReader, name: readonly string[]) {
  const found: { identifierFields: string[]; sortFields: SortFieldDeclaration[] } = {
    identifierFields: [],
    sortFields: [],
  }
  for (;;) {
    const isSeparated = reader.takeSymbol(';')
    if (reader.peek().kind === 'end') return found
    if (!isSeparated) reader.fail('“;” or the end was expected')
    if (reader.peek().kind === 'symbol') continue
    reader.require('ALTER', 'TABLE')
    const token = reader.peek()
    const altered = readPath(reader)
    if (altered.join('\0') !== name.join('\0'))
      reader.refuse(`This changes ${altered.join('.')}, another table.`, token)
    if (reader.take('SET', 'IDENTIFIER', 'FIELDS')) {
      found.identifierFields = reader.items(() => readPath(reader).join('.'))
      continue
    }
    reader.require('WRITE')
    if (reader.take('UNORDERED')) continue
    const isLocal = reader.take('LOCALLY')
    if (!isLocal && reader.isAt('DISTRIBUTED'))
      reader.refuse('Set write.distribution-mode as a property instead of DISTRIBUTED BY.')
    if (!isLocal) reader.refuse('WRITE LOCALLY ORDERED BY was expected: without LOCALLY Spark sets a property, too.')
    reader.require('ORDERED', 'BY')
    found.sortFields = reader.items(() =>
      readSortField(reader, readSparkTerm(reader), (direction) => (direction === 'asc' ? 'nulls-first' : 'nulls-last')),
    )
  }
}
