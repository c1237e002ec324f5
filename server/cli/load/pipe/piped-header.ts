import 'server-only'
import { AppError } from '@/lib/errors'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { chooseHeader, type CsvHeader, type ExpectedNames, readFirstRecords } from '@/server/ingest/csv/csv-header'
import type { PeekedPipe } from './peeked-pipe'

const [LF, CR] = [0x0a, 0x0d]
const MAX_HEADER_BYTES = 1024 * 1024

/**
 * The fields of what comes through a pipe, and their delimiter, by its first record. Waits until that record is whole.
 *
 * @returns null without a record
 * @throws {AppError} too-large for a first record above 1 MiB; what reading a header throws
 */
export async function findPipedHeader(
  pipe: PeekedPipe,
  csv: CsvOptions,
  expected: ExpectedNames,
): Promise<CsvHeader | null> {
  return await pipe.peek(async (bytes, isWhole) => {
    const candidates = await readFirstRecords(() => toChunks(bytes), { ...csv, isTruncated: !isWhole })
    const isFound = candidates.length > 0 && candidates.every(({ record }) => isWhole || isEnded(record.bytes))
    if (isFound) return chooseHeader(candidates, csv, expected)
    if (bytes.length > MAX_HEADER_BYTES)
      throw new AppError('too-large', 'The first record of the pipe is longer than 1 MiB. Give --delimiter.')
    return null
  })
}

/** The names that the header may have, by the columns of the table, if it exists. */
export function expectNames(
  columns: readonly string[],
  { mapping, ignoreExtra }: { mapping: LoadMapping | null; ignoreExtra: boolean },
): ExpectedNames {
  const { columns: sources, ignoredFields } = mapping ?? BY_NAME
  const fields = columns.flatMap((column) => {
    const source = Object.hasOwn(sources, column) ? sources[column] : { field: column }
    return source !== undefined && 'field' in source ? [source.field] : []
  })
  // An expression may read any field.
  const takesOthers = Object.values(sources).some((source) => 'rest' in source || 'sql' in source)
  return { names: new Set([...fields, ...ignoredFields]), isLenient: ignoreExtra || takesOthers }
}

function isEnded(record: Uint8Array): boolean {
  const last = record.at(-1)
  return last === LF || last === CR
}

async function* toChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
