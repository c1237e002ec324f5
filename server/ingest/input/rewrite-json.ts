import 'server-only'
import type { CsvField } from '@/lib/ingest/csv-records'
import { JsonSyntax, type JsonToken, jsonTokenText, parseJsonTokens } from '@/lib/ingest/json-tokens'
import { Misfit, toNestedText, toPrimitiveText, writeDefaultText } from '../cast/json-column'
import { NestedUse } from '../cast/nested-use'
import type { FieldUse } from '../stage-request'
import { lacksValue } from './field-matches'
import { FieldSamples } from './field-samples'
import { JsonRowShapes } from './json-row-shapes'
import type { LoadPlan } from './load-plan'
import { type InputRecord, mayShareLines, openRecords, recordNumber, recordText } from './input-records'
import { RowWriter } from './row-writer'
import type { RewrittenInput, TextInput } from './text-input'

/** A preview and a load list no more. */
const MAX_UNMAPPED_FIELDS = 10_000

/**
 * Rewrites the records of JSON, or of a format whose records have a form in JSON, to one form that DuckDB reads fast, as
 * `rewriteCsv` does.
 */
export async function rewriteJson(from: TextInput, target: string): Promise<RewrittenInput> {
  const { request, rejects, problems, preview } = from
  if (preview === null) problems.throwFirst()
  else preview.samples = new FieldSamples()
  const reader = new JsonRowReader(from)
  const isTruncated = preview?.isTruncated ?? false
  const { input, batches } = openRecords(request.input, isTruncated)
  const isNumbered = mayShareLines(request.input.format)
  const output = await RowWriter.create(target)
  let rows = 0
  let firstLine = 0
  let isStopped = false
  try {
    for await (const records of batches) {
      for (const record of records) {
        isStopped = rows === preview?.maxRows
        if (isStopped) break
        rows += 1
        const { line } = record
        if (rows === 1) firstLine = line
        // The first two decide, so that a preview and a load name the same.
        if (rows === 2) rejects.isByRecord = isNumbered && line === firstLine
        try {
          output.add(line, reader.read(record), isNumbered ? recordNumber(record) : undefined)
        } catch (error) {
          if (!(error instanceof JsonSyntax) && !(error instanceof Misfit)) throw error
          const number = recordNumber(record)
          rejects.addRow(number)
          const misfit =
            error instanceof Misfit
              ? { column: error.at, value: error.value, isOfField: error instanceof FieldMisfit }
              : { column: null, value: recordText(record) }
          rejects.add({ record: number, line, ...misfit, reason: error.message })
        }
      }
      await output.flushIfLarge()
      from.onProgress(input.bytesRead, rows)
      if (isStopped) break
    }
    from.onProgress(input.bytesRead, rows)
  } finally {
    input.destroy()
    await output.close()
  }
  if (rows > 0 && !isStopped && !isTruncated) reader.findMissing()
  else if (rows > 0) reader.findMissingColumns()
  if (preview === null) problems.throwFirst()
  return {
    rowsRead: rows,
    maxRecordBytes: output.maxRecordBytes,
    namedFields: reader.namedFields,
    delimiter: null,
    fieldUse: reader.fieldUse(),
  }
}

type Target =
  | { kind: 'field'; name: string; absent: CsvField }
  /** It takes no field. Its value is computed later, unless it has a write default. */
  | { kind: 'none'; absent: CsvField }
  | { kind: 'rest'; isMap: boolean }

/** Reads rows of one input. */
class JsonRowReader {
  readonly #from: TextInput
  readonly #targets: readonly Target[]
  /** The fields that fill a column, that an expression names, or that are ignored. */
  readonly #claimed: ReadonlySet<string>
  readonly #seen = new Set<string>()
  readonly #unmapped = new Set<string>()
  /** Fields that fill no column and are left out. */
  readonly #skipped = new Set<string>()
  readonly #knownShapes: JsonRowShapes | null
  /** By the index of the column. */
  readonly #nested: ReadonlyMap<number, NestedUse>
  readonly namedFields: readonly string[]

  constructor(from: TextInput) {
    this.#from = from
    const { columns, ignoredFields } = from.plan
    this.#targets = columns.map(({ field, source }): Target => {
      if (source.kind === 'field') return { kind: 'field', name: source.name, absent: writeDefaultText(field) }
      if (source.kind === 'rest') return source
      return { kind: 'none', absent: source.kind === 'absent' ? writeDefaultText(field) : null }
    })
    this.#nested = new Map(
      columns.flatMap(({ field }, i) => (typeof field.type === 'string' ? [] : [[i, new NestedUse()]])),
    )
    this.namedFields = findNamedFields(from.plan)
    const filled = this.#targets.flatMap((target) => (target.kind === 'field' ? [target.name] : []))
    this.#claimed = new Set([...filled, ...this.namedFields, ...ignoredFields])
    const isSimple = from.preview === null && !from.plan.takesRest && new Set(filled).size === filled.length
    const shapeColumns = this.#targets.map((target, i) => ({
      key: target.kind === 'field' ? target.name : null,
      type: columns[i]?.field.type ?? 'unknown',
      absent: target.kind === 'rest' ? null : target.absent,
    }))
    const namedColumns = this.namedFields.map((key) => ({ key, type: null, absent: null }))
    this.#knownShapes = isSimple ? new JsonRowShapes([...shapeColumns, ...namedColumns]) : null
  }

  /** @throws {JsonSyntax | Misfit} */
  read(record: InputRecord): CsvField[] {
    if ('token' in record) {
      if (record.problem !== null) throw new JsonSyntax(record.problem)
      return this.#readRow(record.token)
    }
    const { text } = record
    if (typeof text !== 'string') throw new JsonSyntax('is not UTF-8')
    const fastFields = this.#knownShapes?.read(text) ?? null
    if (fastFields !== null) return fastFields
    const row = parseJsonTokens(text)
    const values = this.#readRow(row)
    if (row.kind === 'object') this.#knownShapes?.addShape([...row.members.keys()])
    return values
  }

  #readRow(row: JsonToken): CsvField[] {
    if (row.kind !== 'object') throw new JsonSyntax('is not a JSON object')
    const rest = this.#readUnclaimed(row.members)
    const values = this.#targets.map((target, i) => {
      if (target.kind === 'field') return this.#fieldText(row.members.get(target.name), target.absent, i)
      return target.kind === 'rest' ? restText(rest, target.isMap) : target.absent
    })
    for (const name of this.namedFields) values.push(requireFieldWellFormed(name, plainText(row.members.get(name))))
    return values
  }

  /** Reports fields of the mapping that no row has. */
  findMissing(): void {
    const { plan, problems } = this.#from
    this.findMissingColumns()
    if (plan.mayLackFields) return
    const named = new Set(this.namedFields)
    const missing = new Set<string>()
    for (const { field, source } of plan.columns) {
      if (source.kind === 'field' && source.isNamed && !this.#seen.has(source.name)) missing.add(source.name)
      if (source.kind !== 'expression') continue
      for (const { name, position } of source.expression.names)
        if (named.has(name) && !this.#seen.has(name))
          problems.addColumn(field.name, `No row of the input has the field ${JSON.stringify(name)}.`, position)
    }
    for (const name of plan.ignoredFields) if (!this.#seen.has(name)) missing.add(name)
    problems.missingFields.push(...missing)
  }

  /** The use of fields in the rows so far. A key that no row has is absent. */
  fieldUse(): FieldUse {
    const { columns, ignoredFields } = this.#from.plan
    return {
      absentColumns: columns.flatMap(({ field, source }, i) =>
        source.kind === 'absent' || (source.kind === 'field' && !this.#seen.has(source.name))
          ? [field.name]
          : (this.#nested.get(i)?.absentFields(field.type, field.name) ?? []),
      ),
      skippedFields: [
        ...[...ignoredFields].filter((name) => this.#seen.has(name)),
        ...this.#skipped,
        ...[...this.#nested].flatMap(([i, use]) => use.skippedFields(columns[i]?.field.name ?? '')),
      ],
    }
  }

  /** Lists required columns whose field no row had, for a preview: a load rejects their rows. */
  findMissingColumns(): void {
    const { plan, problems, preview } = this.#from
    problems.unmappedFields.push(...this.#unmapped)
    if (preview === null) return
    for (const { field, source } of plan.columns)
      if (source.kind === 'field' && !source.isNamed && lacksValue(field) && !this.#seen.has(source.name))
        problems.missingColumns.push(field.name)
  }

  /** Fields that fill no column. @throws {Misfit} */
  #readUnclaimed(members: ReadonlyMap<string, JsonToken>): [string, JsonToken][] {
    const { plan, preview } = this.#from
    const rest: [string, JsonToken][] = []
    for (const [key, token] of members) {
      preview?.samples?.add(key, plainText(token))
      if (this.#claimed.has(key)) {
        this.#seen.add(key)
        continue
      }
      if (plan.takesRest) rest.push([key, token])
      else if (!plan.ignoreExtra && preview === null)
        throw new FieldMisfit(key, null, 'is a field the table does not have')
      else {
        const unclaimed = plan.ignoreExtra ? this.#skipped : this.#unmapped
        if (unclaimed.size < MAX_UNMAPPED_FIELDS) unclaimed.add(key)
      }
    }
    return rest
  }

  #fieldText(token: JsonToken | undefined, absent: CsvField, columnIndex: number): CsvField {
    if (token === undefined) return absent
    if (token.kind === 'null') return null
    const column = this.#from.plan.columns[columnIndex]
    if (!column) throw new RangeError(`the table has no column ${columnIndex}`)
    const { name, type } = column.field
    if (typeof type !== 'string') {
      const use = this.#nested.get(columnIndex)
      return toNestedText(type, token, name, { ignoreExtra: this.#from.plan.ignoreExtra, use })
    }
    return requireWellFormed(name, toPrimitiveText(type, token, name))
  }
}

/** A misfit of a field that fills no column: it has the name of the field. */
class FieldMisfit extends Misfit {}

/** @throws {Misfit} */
function requireWellFormed(column: string, value: CsvField): CsvField {
  if (value !== null && !value.isWellFormed()) throw new Misfit(column, value, HALF_CHARACTER)
  return value
}

/** @throws {FieldMisfit} */
function requireFieldWellFormed(field: string, value: CsvField): CsvField {
  if (value !== null && !value.isWellFormed()) throw new FieldMisfit(field, value, HALF_CHARACTER)
  return value
}

const HALF_CHARACTER = 'holds half a character (an unpaired surrogate)'

/** DuckDB does not distinguish names by case, so the first spelling of a name stands for the field. */
function findNamedFields({ columns }: LoadPlan): string[] {
  const names = columns.flatMap(({ source }) => (source.kind === 'expression' ? source.expression.names : []))
  return [...new Map(names.map(({ name }) => [name.toLowerCase(), name])).values()]
}

/** The text of a string or a number, and JSON for nested values. */
function plainText(token: JsonToken | undefined): string | null {
  if (token === undefined || token.kind === 'null') return null
  return token.kind === 'string' ? token.text : jsonTokenText(token)
}

/** Nulls are left out. */
function restText(rest: readonly [string, JsonToken][], isMap: boolean): string {
  const members = rest.flatMap(([key, token]) => {
    if (token.kind === 'null') return []
    const value = isMap ? JSON.stringify(requireFieldWellFormed(key, plainText(token))) : jsonTokenText(token)
    return [`${JSON.stringify(requireFieldWellFormed(key, key))}:${value}`]
  })
  return `{${members.join(',')}}`
}
