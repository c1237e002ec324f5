import type { LoadSample } from '@/lib/contract/loads/load-sample'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { ColumnSource, LoadMapping } from '@/lib/ingest/load-mapping'
import { recordPositionTitle } from '@/lib/ingest/rejects/record-position'
import { isSymbol, tokenize, tokenName } from '@/lib/query/statement/tokenize'
import { sampledPosition } from '../sample/sampled-position'
import { suggestColumns } from './similar-columns'

/** One line of the mapping: a field of the file with its column, or a column that no field fills. */
export type MappingLine =
  | {
      kind: 'field'
      field: string
      sample: string | null
      /** Null: it fills none. */
      column: MappedColumn | null
      state:
        | 'same-name'
        | 'guessed'
        | 'chosen'
        | 'ignored'
        | 'rest'
        | 'in-expression'
        | 'in-wrong-expression'
        | 'unmapped'
      /** The column whose expression names the field; null unless the state is `in-expression` or `in-wrong-expression`. */
      expressionOf: string | null
      /** A column of a similar name; null unless the state is `unmapped`. */
      suggestion: string | null
    }
  | {
      kind: 'column'
      column: MappedColumn
      /** The value of the first row that fits; null is null, undefined without such a row. */
      result: string | null | undefined
      source: Exclude<ColumnSource, { field: string }> | null
      isMissing: boolean
    }

export type MappedColumn = LoadPreview['columns'][number] & {
  /** The first value that does not fit, and where it is: `Line 12`. */
  firstReject: { position: string; value: string | null; reason: string } | null
}

type MappingContext = {
  guesses?: ReadonlyMap<string, string>
  sample?: Pick<LoadSample, 'rejects' | 'rejectedColumns'> | null | undefined
}

const NO_GUESSES: ReadonlyMap<string, string> = new Map()

type Previewed = Pick<LoadPreview, 'fields' | 'columns' | 'rows' | 'rejects' | 'unmappedFields' | 'missingColumns'>

/**
 * The fields in the order of the file, then the other columns in the order of the table.
 *
 * @param mapping with the guesses
 * @param about.guesses the columns that were guessed, by their fields
 * @param about.sample of rows all over the file, which has more of what does not fit than the first ones
 */
export function mappingLines(
  preview: Previewed,
  mapping: LoadMapping,
  { guesses = NO_GUESSES, sample = null }: MappingContext = {},
): MappingLine[] {
  const fieldNames = new Set(preview.fields.map(({ name }) => name))
  const unmapped = new Set(preview.unmappedFields)
  const missing = new Set(preview.missingColumns)
  const hasRest = Object.values(mapping.columns).some((source) => 'rest' in source)
  const columnByField = new Map<string, MappedColumn>()
  const others: MappingLine[] = []
  const [firstRow] = preview.rows
  for (const [i, previewed] of preview.columns.entries()) {
    const isOfColumn = (reject: { column: string | null }) => reject.column === previewed.name
    const sampledCount = sample?.rejectedColumns.find(isOfColumn)?.count ?? 0
    const column = {
      ...previewed,
      rejectedCount: Math.max(previewed.rejectedCount, sampledCount),
      firstReject: firstReject(preview.rejects.find(isOfColumn), sample?.rejects.find(isOfColumn)),
    }
    const source = sourceOf(column.name, mapping, fieldNames)
    if (source !== null && 'field' in source) {
      if (!columnByField.has(source.field)) columnByField.set(source.field, column)
    } else
      others.push({
        kind: 'column',
        column,
        source,
        result: source === null ? undefined : firstRow?.values[i],
        isMissing: missing.has(column.name),
      })
  }
  const names = { fields: [...fieldNames], columns: preview.columns.map(({ name }) => name) }
  const suggestions = unmapped.size === 0 ? NO_GUESSES : suggestColumns(names, mapping)
  const expressions = findExpressions(preview.columns, mapping)
  const fields = preview.fields.map(({ name, samples }): MappingLine => {
    const column = columnByField.get(name) ?? null
    const { state, expressionOf = null } = stateOf(name, column)
    const suggestion = state === 'unmapped' ? (suggestions.get(name) ?? null) : null
    return { kind: 'field', field: name, sample: samples[0] ?? null, column, state, expressionOf, suggestion }
  })
  return [...fields, ...others]

  function stateOf(field: string, column: MappedColumn | null): FieldState {
    if (column !== null && guesses.get(field) === column.name) return { state: 'guessed' }
    if (column !== null) return { state: column.name === field ? 'same-name' : 'chosen' }
    if (mapping.ignoredFields.includes(field)) return { state: 'ignored' }
    const key = field.toLowerCase()
    // The column of the rest does not have the fields that an expression uses.
    const user = unmapped.has(field) ? undefined : expressions.right.get(key)
    if (user !== undefined) return { state: 'in-expression', expressionOf: user }
    // A preview does not know the fields of an expression that is wrong.
    const wrong = unmapped.has(field) || hasRest ? expressions.wrong.get(key) : undefined
    if (wrong !== undefined) return { state: 'in-wrong-expression', expressionOf: wrong }
    if (unmapped.has(field)) return { state: 'unmapped' }
    return { state: hasRest ? 'rest' : 'in-expression' }
  }
}

type FieldState = { state: Extract<MappingLine, { kind: 'field' }>['state']; expressionOf?: string }

/** The columns with an expression, by the names in it, in lower case. */
function findExpressions(
  columns: LoadPreview['columns'],
  mapping: LoadMapping,
): { right: ReadonlyMap<string, string>; wrong: ReadonlyMap<string, string> } {
  const [right, wrong] = [new Map<string, string>(), new Map<string, string>()]
  for (const { name: column, problem } of columns) {
    const source = mapping.columns[column]
    if (source === undefined || !('sql' in source)) continue
    const found = problem === null ? right : wrong
    const tokens = tokenize(source.sql)
    for (const [i, token] of tokens.entries()) {
      const [before, after] = [tokens[i - 1], tokens[i + 1]]
      // Names of functions, of fields within a struct, and of types are not names of fields.
      if (isSymbol(after, '(') || isSymbol(before, '.') || isSymbol(before, '::')) continue
      const name = tokenName(token)?.toLowerCase()
      if (name !== undefined && !found.has(name)) found.set(name, column)
    }
  }
  return { right, wrong }
}

/** How many rejects are of whole rows, which belong to no column; at least, where only the first ones are listed. */
export function countWholeRows(
  { rejects, rowsRejected }: Pick<LoadPreview, 'rejects' | 'rowsRejected'>,
  sample: Pick<LoadSample, 'rejectedColumns'> | null | undefined,
): { count: number; isAtLeast: boolean } {
  const listed = rejects.filter(({ column }) => column === null).length
  const sampled = sample?.rejectedColumns.find(({ column }) => column === null)?.count ?? 0
  return { count: Math.max(listed, sampled), isAtLeast: listed >= sampled && rejects.length < rowsRejected }
}

function firstReject(
  first: LoadPreview['rejects'][number] | undefined,
  sampled: LoadSample['rejects'][number] | undefined,
): MappedColumn['firstReject'] {
  if (first) return { position: recordPositionTitle(first), value: first.value, reason: first.reason }
  return sampled ? { position: sampledPosition(sampled), value: sampled.value, reason: sampled.reason } : null
}

/** Where a column gets its values from; null: it has none in every row. */
function sourceOf(column: string, { columns, ignoredFields }: LoadMapping, fieldNames: ReadonlySet<string>) {
  if (Object.hasOwn(columns, column)) return columns[column] ?? null
  return fieldNames.has(column) && !ignoredFields.includes(column) ? { field: column } : null
}

/** The mapping with another column for a field; null: the field is ignored. Its former column gets no values. */
export function mapField(mapping: LoadMapping, field: string, from: string | null, to: string | null): LoadMapping {
  const columns = { ...mapping.columns }
  if (from !== null) {
    delete columns[from]
    // By its name alone it would get the field again.
    if (from === field && to !== null) columns[from] = { value: null }
  }
  const ignoredFields = mapping.ignoredFields.filter((name) => name !== field)
  if (to === null) return { columns, ignoredFields: [...ignoredFields, field] }
  if (to === field) delete columns[to]
  else columns[to] = { field }
  return { columns, ignoredFields }
}

/** The mapping without the fields that have neither a column nor another use yet. */
export function leaveOutOpenFields(mapping: LoadMapping, lines: readonly MappingLine[]): LoadMapping {
  return { ...mapping, ignoredFields: [...mapping.ignoredFields, ...openFields(lines)] }
}

/** The fields that have neither a column nor another use yet. */
export function openFields(lines: readonly MappingLine[]): string[] {
  return lines.flatMap((line) => (line.kind === 'field' && line.state === 'unmapped' ? [line.field] : []))
}

/** The mapping with another source for a column; null: no values, or the field of its name if there is one. */
export function mapColumn(mapping: LoadMapping, column: string, source: ColumnSource | null): LoadMapping {
  const columns = { ...mapping.columns }
  if (source === null) delete columns[column]
  else columns[column] = source
  return { ...mapping, columns }
}
