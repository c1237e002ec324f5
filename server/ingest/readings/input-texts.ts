import 'server-only'
import { createReadStream } from 'node:fs'
import { DuckDBTypeId } from '@duckdb/node-api'
import { JsonSyntax, type JsonToken, parseJsonTokens } from '@/lib/ingest/json-tokens'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { openCsvRecords, readCsvHeader } from '../csv/csv-file'
import { type InputRecord, openRecords } from '../input/input-records'
import type { LoadPlan } from '../input/load-plan'
import { listFileColumns } from '../parquet/file-columns'
import type { InputRequest } from '../stage-request'

/** A field that has no texts: its values are numbers of the format itself, or the schema of the file lacks it. */
export const NO_TEXTS = Symbol('no texts')

/** A text, or null for no text. */
export type TextValue = string | null | typeof NO_TEXTS
/** The values of the fields that were asked for, in that order. */
export type TextRow = { line: number; values: readonly TextValue[] }

/** The fields of an input, as texts. It can be read more than once. */
export type InputTexts = {
  /** The fields that have texts; those of records are known once all were read. At most 10,000. */
  readonly names: readonly string[]
  /** Whether a text that the pattern finds is anywhere in the file; true where that is not known without reading it. */
  mightMatch(pattern: RegExp): Promise<boolean>
  /**
   * Rows that cannot be parsed are left out: a load rejects them.
   *
   * @throws {AppError} as a load that reads the file
   */
  read(names: readonly string[]): AsyncIterable<TextRow>
}

const MAX_NAMES = 10_000
/** No text that is looked for is longer, so that none is missed between two chunks. */
const MAX_MATCH_BYTES = 64
const CHUNK_BYTES = 1024 * 1024

export async function openInputTexts(
  session: DuckdbSession,
  request: InputRequest,
  plan: LoadPlan,
): Promise<InputTexts> {
  switch (request.input.format) {
    case 'csv':
      return openCsvTexts(request, plan)
    case 'parquet':
      return openParquetTexts(session, request)
    case 'ndjson':
    case 'json':
    case 'avro':
    case 'arrow':
      return openRecordTexts(request)
  }
}

async function openCsvTexts({ input: { path, csv, laterPart } }: InputRequest, plan: LoadPlan): Promise<InputTexts> {
  const file = { path, options: csv, isTruncated: false, ...(laterPart && { laterPart }) }
  const header = await readCsvHeader(file, plan)
  return {
    names: header.names,
    mightMatch: async () => true,
    async *read(names) {
      const indexes = names.map((name) => header.names.indexOf(name))
      const { input, records } = openCsvRecords(file, header)
      let isHeaderNext = csv.hasHeader
      try {
        for await (const record of records) {
          if (!('fields' in record)) continue
          const { line, fields } = record
          if (!isHeaderNext) yield { line, values: indexes.map((i) => fields[i] ?? null) }
          // An empty line is no header.
          else isHeaderNext = fields.length === 1 && fields[0] === null
        }
      } finally {
        input.destroy()
      }
    },
  }
}

function openRecordTexts({ input: source }: InputRequest): InputTexts {
  const withTexts = new Set<string>()
  const isJson = source.format === 'json' || source.format === 'ndjson'
  return {
    get names() {
      return [...withTexts]
    },
    mightMatch: async (pattern) => !isJson || (await findInBytes(source.path, pattern)),
    async *read(names) {
      const { input, batches } = openRecords(source, false)
      try {
        for await (const records of batches)
          for (const record of records) {
            const token = readToken(record)
            if (token?.kind !== 'object') continue
            for (const [name, member] of token.members)
              if (member.kind === 'string' && withTexts.size < MAX_NAMES) withTexts.add(name)
            yield { line: record.line, values: names.map((name) => toTextValue(token.members.get(name), isJson)) }
          }
      } finally {
        input.destroy()
      }
    },
  }
}

function readToken(record: InputRecord): JsonToken | null {
  if ('token' in record) return record.token
  if (typeof record.text !== 'string') return null
  try {
    return parseJsonTokens(record.text)
  } catch (error) {
    if (error instanceof JsonSyntax) return null
    throw error
  }
}

/** Only records of JSON may lack a field that others have. */
function toTextValue(token: JsonToken | undefined, isJson: boolean): TextValue {
  if (token === undefined) return isJson ? null : NO_TEXTS
  if (token.kind === 'string') return token.text
  return token.kind === 'number' ? NO_TEXTS : null
}

/** In the bytes as characters of their codes, which are the same for ASCII. */
async function findInBytes(path: string, pattern: RegExp): Promise<boolean> {
  let end = ''
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, encoding: 'latin1' })) {
    const text = end + String(chunk)
    if (pattern.test(text)) return true
    end = text.slice(-MAX_MATCH_BYTES)
  }
  return false
}

async function openParquetTexts(session: DuckdbSession, { input: { path } }: InputRequest): Promise<InputTexts> {
  const file = quoteLiteral(path)
  const statement = await session.connection.prepare(`SELECT * FROM read_parquet(${file})`)
  const readNames = Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i))
  const columns = (await listFileColumns(session, path, readNames))
    .filter((_column, i) => statement.columnType(i).typeId === DuckDBTypeId.VARCHAR)
    .slice(0, MAX_NAMES)
  const readNameOf = new Map(columns.map(({ name, readName }) => [name, readName]))
  return {
    names: [...readNameOf.keys()],
    mightMatch: async () => true,
    async *read(names) {
      const selected = names.map((name) => quoteIdentifier(readNameOf.get(name) ?? '')).join(', ')
      const sql = `SELECT ${selected}, file_row_number + 1 FROM read_parquet(${file}, file_row_number = true)`
      const result = await session.connection.stream(sql)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        for (const values of chunk.getRows())
          yield {
            line: Number(values.at(-1)),
            values: values.slice(0, -1).map((value) => (typeof value === 'string' ? value : null)),
          }
      }
    },
  }
}
