import 'server-only'
import { createReadStream, type ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { readArrowRecords } from '@/lib/ingest/arrow/arrow-records'
import { readAvroRecords } from '@/lib/ingest/avro-records'
import { type JsonRecord, readJsonArray, readJsonLines } from '@/lib/ingest/json-items'
import { jsonTokenText } from '@/lib/ingest/json-tokens'
import type { ValueRecord } from '@/lib/ingest/value-reader'
import { arrowCodecs } from '@/server/codecs/arrow-codecs'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { InputRequest } from '../stage-request'

/** A record of JSON, or of another format that has a form in JSON for all its values. */
export type InputRecord = JsonRecord | ValueRecord

/** Whether our own reader finds the records of a format. */
export function hasRecords(format: InputFormat): boolean {
  return format !== 'csv' && format !== 'parquet'
}

/** Whether they have to be rewritten before DuckDB reads them. */
export function mustRewrite(format: InputFormat): boolean {
  return hasRecords(format) && format !== 'ndjson'
}

/** Whether several records may begin on one line. */
export function mayShareLines(format: InputFormat): boolean {
  return format === 'json'
}

const CHUNK_BYTES = 1024 * 1024

/**
 * Reads the records of a file that DuckDB does not read itself, in the order of the file.
 *
 * @param isTruncated whether the file is only the beginning of a larger one
 * @returns the stream, which the caller destroys, and the records in batches
 */
export function openRecords(
  { path, name, format, mapping }: InputRequest['input'],
  isTruncated: boolean,
): { input: ReadStream; batches: AsyncIterable<readonly InputRecord[]> } {
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const { ignoredFields } = mapping
  switch (format) {
    case 'ndjson':
      return { input, batches: withoutEmptyLines(readJsonLines(input, isTruncated)) }
    case 'json':
      return { input, batches: readJsonArray(input, isTruncated) }
    case 'avro':
      return { input, batches: readAvroRecords(input, { name, codecs: avroCodecs, isTruncated, ignoredFields }) }
    case 'arrow':
      return {
        input,
        batches: readArrowRecords(input, {
          name,
          codecs: arrowCodecs,
          readEnd: (sizeBytes) => readFileEnd(path, sizeBytes),
          ignoredFields,
        }),
      }
    case 'csv':
    case 'parquet':
      throw new Error(`records of ${format} are read otherwise`)
  }
}

async function readFileEnd(path: string, sizeBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(Math.min(size, sizeBytes))
    await file.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes
  } finally {
    await file.close()
  }
}

async function* withoutEmptyLines(batches: AsyncIterable<JsonRecord[]>): AsyncGenerator<JsonRecord[]> {
  for await (const records of batches)
    yield records.filter(({ text }) => typeof text !== 'string' || !/^[ \t\r]*$/.test(text))
}

/** A number that only this record of its file has, in their order: its line, unless several begin on one. */
export function recordNumber(record: InputRecord): number {
  return 'item' in record && record.item !== undefined ? record.item : record.line
}

/** The record as JSON; null if it is not UTF-8. */
export function recordText(record: InputRecord): string | null {
  if ('token' in record) return jsonTokenText(record.token)
  return typeof record.text === 'string' ? record.text : null
}
