import { csvField, escapeFormula } from '@/lib/format/csv'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import { inColumn, type RowEncoder, type RowFormat } from './row-encoder'
import { primitiveText, valueToJson } from './value-json'

export type EncoderOptions = {
  /** Whether CSV marks text that a spreadsheet would run as a formula, which changes that text. */
  isFormulaSafe?: boolean
  /** Whether Parquet and Arrow get the ids of the fields; the ids of a query's result are not those of a table. */
  hasFieldIds?: boolean
}

export async function createRowEncoder(
  format: RowFormat,
  fields: readonly NestedField[],
  { isFormulaSafe = false, hasFieldIds = true }: EncoderOptions = {},
): Promise<RowEncoder> {
  switch (format) {
    case 'ndjson':
      return createNdjsonEncoder(fields)
    case 'csv':
      return createCsvEncoder(fields, isFormulaSafe)
    case 'arrow':
      // Loaded only when it is needed, because it is large.
      return (await import('./arrow-encoder')).createArrowEncoder(fields, { hasFieldIds })
    case 'parquet':
      return (await import('./parquet-encoder')).createParquetEncoder(fields, { hasFieldIds })
  }
}

/** A JSON object per line, with all columns in order. */
function createNdjsonEncoder(fields: readonly NestedField[]): RowEncoder {
  const names = fields.map(({ name }) => JSON.stringify(name))
  return createTextEncoder(fields, {
    start: '',
    toText: (field, value) => valueToJson(field.type, value),
    toLine: (texts) => `{${texts.map((text, i) => `${names[i]}:${text}`).join(',')}}\n`,
  })
}

/** RFC 4180, with a line of names. A null is an empty field, an empty text has quotes. */
function createCsvEncoder(fields: readonly NestedField[], isFormulaSafe: boolean): RowEncoder {
  const toField = (text: string): string => csvField(isFormulaSafe ? escapeFormula(text) : text)
  const toLine = (texts: readonly string[]): string => `${texts.join(',')}\r\n`
  return createTextEncoder(fields, {
    start: toLine(fields.map(({ name }) => toField(name))),
    toText: ({ type }, value) => {
      if (value === null) return ''
      if (typeof type !== 'string') return toField(valueToJson(type, value))
      const { text } = primitiveText(type, value)
      // A negative number is not a formula.
      return typeof value === 'string' ? toField(text) : csvField(text)
    },
    toLine,
  })
}

type TextFormat = {
  start: string
  toText: (field: NestedField, value: RowValue | null) => string
  toLine: (texts: readonly string[]) => string
}

function createTextEncoder(fields: readonly NestedField[], { start, toText, toLine }: TextFormat): RowEncoder {
  const encoder = new TextEncoder()
  return {
    start: () => encoder.encode(start),
    encode: (columns, rowCount) => {
      const values = fields.map(({ id }) => columns.get(id) ?? [])
      const lines: string[] = []
      for (let row = 0; row < rowCount; row++) {
        lines.push(toLine(fields.map((field, i) => inColumn(field, () => toText(field, values[i]?.[row] ?? null)))))
      }
      return encoder.encode(lines.join(''))
    },
    end: () => new Uint8Array(0),
  }
}
