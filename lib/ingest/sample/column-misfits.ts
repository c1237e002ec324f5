import { formatCount, formatQuantity } from '@/lib/format/count'
import type { Type } from '@/lib/iceberg/schema/types'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { CSV_DEFAULTS, type CsvOptions } from '../csv-options'
import type { CsvField } from '../csv-records'
import { createFieldReader } from '../field-reader'
import { shortenValue } from '../infer-type'
import type { JsonToken } from '../json-tokens'
import { nestedKindMisfit, readJsonText } from '../rejects/json-value'
import { FormatMisfit, type TextReader } from '../text-reader'
import { misfitReason } from '../text-value'

/** A column whose type the user has chosen, with the names that lead to its values: those of fields, and `element` of lists. */
export type ChosenColumn = { path: readonly string[]; type: Type }

/** The values of a column in a sample that a load rejects. */
export type ColumnMisfits = {
  valueCount: number
  count: number
  /** Null without any. */
  first: { text: string; line: number | null; reason: string } | null
}

/** Counts the values that a type does not take, by the rules of a load. */
export class MisfitCounter {
  readonly #path: readonly string[]
  readonly #type: Type
  readonly #read: TextReader | null
  #valueCount = 0
  #count = 0
  #first: ColumnMisfits['first'] = null

  /** @param csv how values of a CSV file are written */
  constructor({ path, type }: ChosenColumn, csv: CsvOptions = CSV_DEFAULTS) {
    this.#path = path
    this.#type = type
    this.#read = createFieldReader(type, csv)
  }

  /** A field of a CSV file. */
  addText(text: CsvField, line: number | null): void {
    if (text === null) return
    const canonical = this.#read === null ? text : this.#read(text)
    this.#add(text, line, canonical instanceof FormatMisfit ? canonical.reason : this.#textReason(canonical))
  }

  /** A row of a JSON file. */
  addRow(row: JsonToken, line: number | null): void {
    for (const token of valuesAt(row, this.#path)) if (token.kind !== 'null') this.#addToken(token, line)
  }

  finish(): ColumnMisfits {
    return { valueCount: this.#valueCount, count: this.#count, first: this.#first }
  }

  #addToken(token: JsonToken, line: number | null): void {
    const type = this.#type
    const read = typeof type === 'string' ? readJsonText(type, token) : nestedKindMisfit(type, token)
    if (typeof read === 'string') this.#add(read, line, this.#textReason(read))
    else this.#add(read?.value ?? (token.kind === 'array' ? '[…]' : '{…}'), line, read?.reason ?? null)
  }

  #textReason(text: string): string | null {
    return typeof this.#type === 'string' ? misfitReason(this.#type, text) : 'is nested, which CSV cannot hold'
  }

  #add(text: string, line: number | null, reason: string | null): void {
    this.#valueCount += 1
    if (reason === null) return
    this.#count += 1
    this.#first ??= { text: shortenValue(text), line, reason }
  }
}

/**
 * `1 of 3,000 values does not fit int: “12.5” in line 4 is not a whole number such as 1204`; null if all of them fit.
 */
export function misfitsSentence({ valueCount, count, first }: ColumnMisfits, type: Type): string | null {
  if (first === null) return null
  const { text, line, reason } = first
  const value = `“${text}” ${line === null ? 'further on' : `in line ${formatCount(line)}`}`
  const fit = `of ${formatQuantity(valueCount, 'value')} ${count === 1 ? 'does' : 'do'} not fit ${typeLabel(type)}`
  return `${formatCount(count)} ${fit}: ${count === 1 ? value : `the first one, ${value},`} ${reason}`
}

function valuesAt(token: JsonToken | undefined, [name, ...names]: readonly string[]): readonly JsonToken[] {
  if (token === undefined) return []
  if (name === undefined) return [token]
  if (token.kind === 'object') return valuesAt(token.members.get(name), names)
  return token.kind === 'array' ? token.items.flatMap((item) => valuesAt(item, names)) : []
}
