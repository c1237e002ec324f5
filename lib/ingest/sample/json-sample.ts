import { inOnePiece } from '@/lib/in-one-piece'
import { AppError } from '../../errors'
import { cutRecordError, NOT_UTF8 } from '../csv-records'
import { TypeSample } from '../infer-type'
import { type JsonRecord, readJsonArray, readJsonLines } from '../json-items'
import { JsonSyntax, type JsonToken, parseJsonTokens } from '../json-tokens'
import { type AddRow, type FileSample, MAX_SAMPLED_ROWS, toSampledColumn } from './file-sample'
import { UnreadableSample } from './unreadable-rows'

/**
 * A file of JSON objects: the items of one array, or one a line.
 *
 * @property bytes its beginning
 * @property further whole lines from further on
 */
export type JsonBeginning = {
  isArray: boolean
  bytes: Uint8Array
  isWhole: boolean
  further?: readonly Uint8Array[]
}

/**
 * Samples a file of JSON objects.
 *
 * @throws {AppError} file-damaged for a file without objects, or of whose rows half or more are not objects; too-large
 *   when the first row does not end in the bytes
 */
export async function sampleJson(file: JsonBeginning): Promise<FileSample> {
  const all = new TypeSample()
  const unreadable = new UnreadableSample()
  let [rowCount, furtherCount] = [0, 0]
  const { recordCount, isFull } = await readJsonSample(file, {
    add: (token, line) => {
      if (line === null) furtherCount += 1
      else rowCount += 1
      all.addJson(token, line)
    },
    unreadable,
  })
  if (recordCount === 0) throw file.isWhole ? emptyError(file) : cutRecordError('first record')
  unreadable.requireFew(rowCount + furtherCount)
  return {
    columns: [...all.members].map(([name, sample]) => toSampledColumn(name, sample)),
    rowCount,
    furtherCount,
    unreadable: unreadable.finish(rowCount + furtherCount),
    isTruncated: !file.isWhole || isFull,
    findQuestions: () => [],
  }
}

/**
 * The rows of which {@link sampleJson} makes a sample.
 *
 * @returns how many rows of the beginning were read, and whether it has more
 */
export async function readJsonSample(
  { isArray, bytes, isWhole, further = [] }: JsonBeginning,
  { add, unreadable = new UnreadableSample() }: { add: AddRow<JsonToken>; unreadable?: UnreadableSample },
): Promise<{ recordCount: number; isFull: boolean }> {
  let recordCount = 0
  let isFull = false
  const batches = isArray ? readJsonArray(inOnePiece(bytes), !isWhole) : readJsonLines(inOnePiece(bytes), !isWhole)
  read: for await (const records of batches)
    for (const { line, item, text } of records) {
      if (isBlank(text)) continue
      isFull = recordCount === MAX_SAMPLED_ROWS
      if (isFull) break read
      recordCount += 1
      const row = readObject(text)
      if (typeof row === 'string') unreadable.add({ line, item }, row)
      else add(row, line)
    }
  for (const lines of further)
    for await (const records of readJsonLines(inOnePiece(lines)))
      for (const { text } of records) {
        if (isBlank(text)) continue
        const row = readObject(text)
        if (typeof row === 'string') unreadable.add({ line: null }, row)
        else add(row, null)
      }
  return { recordCount, isFull }
}

/** The object, or why a load rejects the row as a whole. */
function readObject(text: JsonRecord['text']): JsonToken | string {
  try {
    if (typeof text !== 'string') return NOT_UTF8
    const token = parseJsonTokens(text)
    return token.kind === 'object' ? token : 'is not a JSON object'
  } catch (error) {
    if (!(error instanceof JsonSyntax)) throw error
    return error.message
  }
}

function isBlank(text: JsonRecord['text']): boolean {
  return typeof text === 'string' && text.trim() === ''
}

function emptyError({ isArray }: JsonBeginning): AppError {
  const detail = isArray ? 'The array of the file has no JSON object.' : 'The file has no line with a JSON object.'
  return new AppError('file-damaged', detail)
}
