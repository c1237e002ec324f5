import 'server-only'
import { open } from 'node:fs/promises'
import { JsonSyntax, parseJsonTokens } from '@/lib/ingest/json-tokens'

/**
 * How the records of NDJSON are written, if all are written as the first one: the same keys in the same order, with the
 * same spaces between them, and no nested values.
 */
export type RecordShape = {
  keys: readonly string[]
  /** Between two members, with the quote of the next key: no value of a member has it, unless a text ends in a comma. */
  delimiter: string
  /** The text of a record from its delimiter, or from its start, up to the value of the key; by the index of the key. */
  prefixes: readonly string[]
}

/** Text after the value of the last key. */
export const RECORD_END = '}'

/** As `JSON.stringify` of JavaScript and most engines write members, and as `json.dumps` of Python does. */
const SPACINGS = [
  { delimiter: ',"', colon: '":' },
  { delimiter: ', "', colon: '": ' },
]
const SAMPLE_BYTES = 256 * 1024
const LF = 0x0a

/** Null when the first line is no such record, or not all of it is in the first bytes of the file. */
export async function readRecordShape(path: string): Promise<RecordShape | null> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0)
    const end = buffer.subarray(0, bytesRead).indexOf(LF)
    return end < 0 ? null : findRecordShape(buffer.toString('utf8', 0, end).replace(/\r$/, ''))
  } finally {
    await file.close()
  }
}

export function findRecordShape(record: string): RecordShape | null {
  const keys = readKeys(record)
  // An empty line would be a row without a value in a file of one column.
  if (keys === null || keys.length < 2) return null
  for (const { delimiter, colon } of SPACINGS) {
    const prefixes = keys.map((key, i) => `${i === 0 ? '{"' : ''}${key}${colon}`)
    const parts = record.split(delimiter)
    const isSuch = parts.length === keys.length && prefixes.every((prefix, i) => parts[i]?.startsWith(prefix))
    if (isSuch && record.endsWith(RECORD_END)) return { keys, delimiter, prefixes }
  }
  return null
}

function readKeys(record: string): string[] | null {
  try {
    const token = parseJsonTokens(record)
    return token.kind === 'object' ? [...token.members.keys()] : null
  } catch (error) {
    if (error instanceof JsonSyntax) return null
    throw error
  }
}
