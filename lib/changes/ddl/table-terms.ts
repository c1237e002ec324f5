import type { PartitionFieldDeclaration, SortFieldDeclaration } from '../declaration/table-declaration'
import { newFieldName } from '../new-table/new-table-draft'
import { MAX_TYPE_DEPTH } from '../../iceberg/schema/schema'
import type { TokenReader } from './token-reader'

/** Columns and transforms of them, in partition specs and sort orders. */

type Term = { column: readonly string[]; transform: string }

const TIMES: Readonly<Record<string, string>> = {
  YEAR: 'year',
  YEARS: 'year',
  MONTH: 'month',
  MONTHS: 'month',
  DAY: 'day',
  DAYS: 'day',
  DATE: 'day',
  HOUR: 'hour',
  HOURS: 'hour',
  DATE_HOUR: 'hour',
}

/** Spark: `a`, `a.b`, `days(ts)`, `bucket(16, id)`, `truncate(4, name)`. */
export function readSparkTerm(reader: TokenReader): Term {
  const token = reader.peek()
  const next = reader.peek(1)
  const isCall = token.kind === 'word' && next.kind === 'symbol' && next.text === '('
  if (!isCall) return { column: readPath(reader), transform: 'identity' }
  reader.next()
  reader.requireSymbol('(')
  const word = token.text.toUpperCase()
  const term = readTransform(reader, word, () => {
    const parameter = reader.integer('the number')
    reader.requireSymbol(',')
    return { parameter, column: readPath(reader) }
  })
  if (term === null) return reader.refuse(`Iceberg has no transform ${token.text}.`, token)
  reader.requireSymbol(')')
  return term
}

/** Trino: `day(ts)`, `bucket(id, 16)`, in a text of their own. A nested column is one quoted name with dots. */
export function readTrinoTerm(reader: TokenReader, toPath: (name: string) => readonly string[]): Term {
  const token = reader.peek()
  const next = reader.peek(1)
  const isCall = token.kind === 'word' && next.kind === 'symbol' && next.text === '('
  if (!isCall) return { column: toPath(reader.name('a column')), transform: 'identity' }
  reader.next()
  reader.requireSymbol('(')
  const word = token.text.toUpperCase()
  const term = readTransform(
    reader,
    word,
    () => {
      const column = toPath(reader.name('a column'))
      reader.requireSymbol(',')
      return { column, parameter: reader.integer('the number') }
    },
    () => toPath(reader.name('a column')),
  )
  if (term === null) return reader.refuse(`Iceberg has no transform ${token.text}.`, token)
  reader.requireSymbol(')')
  return term
}

function readTransform(
  reader: TokenReader,
  word: string,
  readParameter: () => { column: readonly string[]; parameter: number },
  readColumn: () => readonly string[] = () => readPath(reader),
): Term | null {
  const time = TIMES[word]
  if (time !== undefined) return { column: readColumn(), transform: time }
  if (word !== 'BUCKET' && word !== 'TRUNCATE') return null
  const { column, parameter } = readParameter()
  if (parameter < 1) reader.refuse('The number is at least 1.')
  return { column, transform: `${word.toLowerCase()}[${parameter}]` }
}

export function readPath(reader: TokenReader): readonly string[] {
  return reader.items(() => reader.name('a column'), '.', MAX_TYPE_DEPTH)
}

export function toPartitionField({ column, transform }: Term): PartitionFieldDeclaration {
  return { name: newFieldName(column, transform), column: column.join('.'), transform }
}

/** With `ASC`, `DESC` and where nulls are, which is first for `ASC` unless `nullsFirst` says so. */
export function readSortField(
  reader: TokenReader,
  term: Term,
  defaultNulls: (direction: 'asc' | 'desc') => SortFieldDeclaration['null-order'],
): SortFieldDeclaration {
  const direction = reader.take('DESC') ? 'desc' : 'asc'
  if (direction === 'asc') reader.take('ASC')
  const nullOrder = reader.take('NULLS', 'FIRST')
    ? 'nulls-first'
    : reader.take('NULLS', 'LAST')
      ? 'nulls-last'
      : defaultNulls(direction)
  return { column: term.column.join('.'), transform: term.transform, direction, 'null-order': nullOrder }
}
