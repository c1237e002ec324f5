import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { CsvField } from '@/lib/ingest/csv-records'
import { checkCsvOptions, createFieldReader } from '@/lib/ingest/field-reader'
import { JsonSyntax, parseJsonTokens } from '@/lib/ingest/json-tokens'
import type { ColumnSource, ROW_FACTS } from '@/lib/ingest/load-mapping'
import { FormatMisfit } from '@/lib/ingest/text-reader'
import { misfitReason } from '@/lib/ingest/text-value'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { Misfit, toNestedText } from '../cast/json-column'
import type { InputRequest } from '../stage-request'
import type { MappingProblems } from './mapping-problems'
import { bindExpression, castExpression, type Expression, ExpressionProblem, parseExpression } from './sql-expression'

export type RowFact = (typeof ROW_FACTS)[number]

/** Where the values of one column come from. */
export type PlannedSource =
  /** `isNamed`: the mapping says so, and the file has to have the field. */
  | { kind: 'field'; name: string; isNamed: boolean }
  /** Its write default, or null: the column takes no field. */
  | { kind: 'absent' }
  /** A text as it is in our own form, which is known to fit. */
  | { kind: 'constant'; text: CsvField }
  | { kind: 'expression'; text: string; expression: Expression }
  | { kind: 'fact'; fact: RowFact }
  | { kind: 'rest'; isMap: boolean }
  /** It has a problem, so a preview shows nulls. */
  | { kind: 'failed' }

/** A mapping for one table, before the fields of the file are known. */
export type LoadPlan = {
  columns: readonly { field: NestedField; source: PlannedSource }[]
  /** Fields that fill no column on purpose. */
  ignoredFields: ReadonlySet<string>
  /** Whether every other field without a column is ignored, too. */
  ignoreExtra: boolean
  /** Whether the file may lack fields that the mapping names: earlier parts of its pipe had them. */
  mayLackFields: boolean
  /** Whether a column takes the fields that fill no other one. */
  takesRest: boolean
  /** Whether rows need the number of their line. */
  needsLines: boolean
}

export async function planLoad(
  session: DuckdbSession,
  { input, schema }: InputRequest,
  problems: MappingProblems,
): Promise<LoadPlan> {
  const { mapping, ignoreExtra } = input
  const known = new Set(schema.fields.map(({ name }) => name))
  if (input.format === 'csv') checkCsvOptions(input.csv)
  problems.unknownColumns.push(...Object.keys(mapping.columns).filter((name) => !known.has(name)))
  const ignoredFields = new Set(mapping.ignoredFields)
  const planner = new Planner(session, input, ignoredFields)
  const columns: LoadPlan['columns'][number][] = []
  for (const field of schema.fields) {
    try {
      const source = Object.hasOwn(mapping.columns, field.name) ? mapping.columns[field.name] : undefined
      columns.push({ field, source: await planner.planSource(field, source) })
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error
      problems.addColumn(field.name, error.message, error.position)
      columns.push({ field, source: { kind: 'failed' } })
    }
  }
  return {
    columns,
    ignoredFields,
    ignoreExtra,
    mayLackFields: input.laterPart !== undefined,
    takesRest: columns.some(({ source }) => source.kind === 'rest'),
    needsLines: columns.some(({ source }) => source.kind === 'fact' && source.fact === 'line'),
  }
}

/** The names of fields for which a header is searched. */
export function expectedFields({ columns, ignoredFields }: LoadPlan): Set<string> {
  return new Set([
    ...columns.flatMap(({ source }) => (source.kind === 'field' ? [source.name] : [])),
    ...ignoredFields,
    ...columns.flatMap(({ source }) =>
      source.kind === 'expression' ? source.expression.names.map(({ name }) => name) : [],
    ),
  ])
}

class Planner {
  readonly #session: DuckdbSession
  readonly #input: InputRequest['input']
  readonly #ignoredFields: ReadonlySet<string>
  #restColumn: string | null = null

  constructor(session: DuckdbSession, input: InputRequest['input'], ignoredFields: ReadonlySet<string>) {
    this.#session = session
    this.#input = input
    this.#ignoredFields = ignoredFields
  }

  /** @throws {ExpressionProblem} */
  async planSource(field: NestedField, source: ColumnSource | undefined): Promise<PlannedSource> {
    if (source === undefined) {
      if (this.#ignoredFields.has(field.name)) return { kind: 'absent' }
      return { kind: 'field', name: field.name, isNamed: false }
    }
    if ('field' in source) {
      if (this.#ignoredFields.has(source.field))
        throw problem(`takes the field ${JSON.stringify(source.field)}, which is ignored.`)
      return { kind: 'field', name: source.field, isNamed: true }
    }
    if ('value' in source) return { kind: 'constant', text: this.#constantText(field, source.value) }
    if ('sql' in source) {
      const expression = await parseExpression(this.#session, source.sql)
      if (this.#input.format !== 'parquet') await this.#requireResult(field, source.sql, expression)
      return { kind: 'expression', text: source.sql, expression }
    }
    if ('fact' in source) {
      requireFactType(field, source.fact)
      return { kind: 'fact', fact: source.fact }
    }
    if ('pathValue' in source) return { kind: 'constant', text: this.#pathText(field, source.pathValue) }
    return { kind: 'rest', isMap: this.#requireRestColumn(field) }
  }

  /** The fields of text files are texts, so that a wrong type is found before the file is read. */
  async #requireResult(field: NestedField, text: string, { names }: Expression): Promise<void> {
    const fields = new Map(names.map(({ name }) => [name.toLowerCase(), { name, type: 'VARCHAR' }]))
    const type = await bindExpression(this.#session, text, [...fields.values()])
    castExpression(field, 'v', { type, ignoreExtra: this.#input.ignoreExtra })
  }

  #constantText({ type, required }: NestedField, value: string | null): CsvField {
    if (value === null) {
      if (required) throw problem('requires a value, and its constant is null.')
      return null
    }
    if (typeof type !== 'string') return nestedConstant(type, value)
    const read = this.#input.format === 'csv' ? createFieldReader(type, this.#input.csv) : null
    const text = read === null ? value : read(value)
    const reason = text instanceof FormatMisfit ? text.reason : misfitReason(type, text)
    if (text instanceof FormatMisfit || reason !== null)
      throw problem(`Its constant ${JSON.stringify(value)} ${reason}.`)
    return text
  }

  /** Engines write such values in our own form, whatever the form of those in the file. */
  #pathText({ type, required }: NestedField, folder: string): CsvField {
    const text = this.#input.pathValues.get(folder)
    if (text === undefined)
      throw problem(`The path of the file has no folder ${folder}=…. Give the value as a constant.`)
    if (text === null) {
      if (required) throw problem(`requires a value, and ${folder} is null in the path of the file.`)
      return null
    }
    if (typeof type !== 'string') throw problem(`A value in a path fits no ${typeLabel(type)}.`)
    const reason = misfitReason(type, text)
    if (reason !== null) throw problem(`The value ${JSON.stringify(text)} in the path of the file ${reason}.`)
    return text
  }

  #requireRestColumn({ name, type }: NestedField): boolean {
    if (this.#restColumn !== null)
      throw problem(`Only one column takes the rest of the fields, and ${this.#restColumn} does.`)
    this.#restColumn = name
    if (type === 'string') return false
    const isMap = typeof type !== 'string' && type.type === 'map' && type.key === 'string' && type.value === 'string'
    if (isMap) return true
    throw problem(`The rest of the fields fits a map<string, string> or a string, not ${typeLabel(type)}.`)
  }
}

/** A nested value is written as in a JSON file. */
function nestedConstant(type: Exclude<Type, string>, value: string): string {
  try {
    return toNestedText(type, parseJsonTokens(value), 'value', { ignoreExtra: false })
  } catch (error) {
    if (error instanceof JsonSyntax || error instanceof Misfit)
      throw problem(`Its constant is not JSON of ${typeLabel(type)}: it ${error.message}.`)
    throw error
  }
}

const FACT_TYPES: Readonly<Record<RowFact, readonly string[]>> = {
  'file-name': ['string'],
  line: ['int', 'long'],
  'loaded-at': ['timestamptz', 'timestamp', 'date'],
}

function requireFactType({ type }: NestedField, fact: RowFact): void {
  const kind = typeof type === 'string' ? parsePrimitive(type).kind : type.type
  if (FACT_TYPES[fact].includes(kind)) return
  throw problem(`The ${fact} fits columns of ${FACT_TYPES[fact].join(', ')}, not ${typeLabel(type)}.`)
}

function problem(detail: string): ExpressionProblem {
  return new ExpressionProblem(detail, null)
}

/** The time at which the load began, as a text of the column's type. */
export function loadedAtText(type: Type, loadedAtMs: number): string {
  const text = new Date(loadedAtMs).toISOString()
  if (type === 'timestamptz') return text
  if (type === 'timestamp') return text.slice(0, -1)
  if (type === 'date') return text.slice(0, 10)
  throw new RangeError(`a time fits no column of type ${typeLabel(type)}`)
}
