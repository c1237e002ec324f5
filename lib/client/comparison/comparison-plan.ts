import { queryOptions } from '@tanstack/react-query'
import type { ComparedSnapshot, SnapshotComparison } from '@/lib/contract/table/comparison'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { type ListedFile, toListedFiles } from '@/lib/api/listed-files'
import { addDefaults } from '@/lib/api/planned-defaults'
import type { SidePlan } from './comparison-messages'

/** The files that two snapshots do not share, with permission to read them. */
export function comparisonQuery(
  identifier: TableIdentifier,
  { before, after }: { before: AsOf; after: AsOf },
  where: string | undefined,
) {
  const input = { before: asOfToInput(before), after: asOfToInput(after), ...(where !== undefined && { where }) }
  return queryOptions({
    queryKey: [...keys.table(identifier), 'comparison', input],
    queryFn: (context) => callEndpoint('compareSnapshots', { ...identifier, ...input }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** More files take longer than anybody waits. */
const MAX_FILES = 20_000
const PAGE_FILES = 1_000

/**
 * The plan of both sides for a worker, with all files that differ.
 *
 * @throws {AppError} too-large for too many files; as the requests for more of them
 */
export async function planSides(
  { before, after }: Pick<SnapshotComparison, 'before' | 'after'>,
  signal: AbortSignal,
): Promise<{ before: SidePlan; after: SidePlan }> {
  const fileCount = before.differing.fileCount + after.differing.fileCount
  if (fileCount > MAX_FILES) {
    throw new AppError(
      'too-large',
      `The snapshots differ in ${fileCount} files; at most ${MAX_FILES} can be compared. Choose snapshots that are closer together.`,
    )
  }
  return { before: await planSide(before, after, signal), after: await planSide(after, before, signal) }
}

async function planSide(side: ComparedSnapshot, other: ComparedSnapshot, signal: AbortSignal): Promise<SidePlan> {
  const { token, schema, nameMapping } = side
  const files: ListedFile[] = toListedFiles(side, side)
  let { nextFile } = side
  while (nextFile !== null) {
    const input = { token, other: other.token, fromFile: nextFile, limit: PAGE_FILES }
    const page = await callEndpoint('listDifferingFiles', input, { signal })
    files.push(...toListedFiles(page, side))
    // A page that does not advance would be requested forever.
    if (page.nextFile !== null && page.nextFile <= nextFile) {
      throw new AppError('internal', 'The server listed the files of the comparison twice.')
    }
    nextFile = page.nextFile
  }
  return { token, fields: addDefaults(schema.fields, side), nameMapping, files }
}
