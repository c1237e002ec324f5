import 'server-only'
import * as z from 'zod'
import { loadReject, type LoadReject, MAX_REJECT_REASONS, MAX_REJECTING_COLUMNS } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Run } from '@/server/db/jobs/runs'
import { groupReason } from '@/lib/ingest/rejects/reason-group'
import { readRejects, rejectsLocation } from './rejects-file'

/** One page of the rejects of a run, and how they are spread over its columns and over reasons. */
export type RejectPage = {
  rejects: LoadReject[]
  totalCount: number
  /** How many rows the listed values are of: a row may have several. */
  listedRowCount: number
  countsByColumn: { column: string | null; count: number }[]
  anyColumnCount: number
  countsByReason: { reason: string; count: number }[]
  anyReasonCount: number
  nextOffset: number | null
}

type RejectingRun = Pick<Run, 'id' | 'outcome' | 'error' | 'finishedAtMs'>

/**
 * The list of the rows that a run rejected, as NDJSON. While it runs, those of the files that it has read.
 *
 * @throws {AppError} not-found for a run that rejected none; file-missing
 */
export async function readRunRejects(
  services: Pick<LakeServices, 'config' | 'stores'>,
  { id, outcome, error, finishedAtMs }: RejectingRun,
): Promise<string> {
  if (finishedAtMs === null) return readListSoFar(services, rejectsLocation(services.config, id))
  const rejectsFile = outcome?.['rejectsFile'] ?? error?.facts['rejectsFile']
  if (typeof rejectsFile !== 'string') throw new AppError('not-found', `The run ${id} rejected no rows.`)
  return readRejects(services, rejectsFile)
}

/** Empty before the run has stored its first rejects, and while it replaces the list by a longer one. */
async function readListSoFar(services: Pick<LakeServices, 'config' | 'stores'>, location: string): Promise<string> {
  try {
    return await readRejects(services, location)
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return ''
    throw error
  }
}

/**
 * Reads the whole list, of at most 10,000 values.
 *
 * @param options.column lists only its values; null: whole rows; undefined: all
 * @param options.reason lists only those with this reason, without what differs from row to row
 * @param options.offset of the first reject in what is listed
 */
export async function readRejectPage(
  services: Pick<LakeServices, 'config' | 'stores'>,
  run: RejectingRun,
  { column, reason, offset, limit }: RejectPageOptions,
): Promise<RejectPage> {
  const all = parseRejects(await readRunRejects(services, run))
  const groups = new Map<string, string>()
  const reasonOf = (reject: LoadReject) => {
    const group = groups.get(reject.reason) ?? groupReason(reject.reason)
    groups.set(reject.reason, group)
    return group
  }
  const ofColumn = column === undefined ? all : all.filter((reject) => reject.column === column)
  const ofReason = reason === undefined ? all : all.filter((reject) => reasonOf(reject) === reason)
  const listed = reason === undefined ? ofColumn : ofColumn.filter((reject) => reasonOf(reject) === reason)
  const columns = countMost(ofReason, ({ column: its }) => its, MAX_REJECTING_COLUMNS)
  const reasons = countMost(ofColumn, reasonOf, MAX_REJECT_REASONS)
  return {
    rejects: listed.slice(offset, offset + limit).map(({ record, isByRecord, ...reject }) => ({
      ...reject,
      ...(isByRecord === true && record !== undefined && { record }),
    })),
    totalCount: all.length,
    listedRowCount: countRows(all),
    countsByColumn: columns.map(({ key, count }) => ({ column: key, count })),
    anyColumnCount: ofReason.length,
    countsByReason: reasons.map(({ key, count }) => ({ reason: key, count })),
    anyReasonCount: ofColumn.length,
    nextOffset: offset + limit < listed.length ? offset + limit : null,
  }
}

type RejectPageOptions = {
  column?: string | null | undefined
  reason?: string | undefined
  offset: number
  limit: number
}

/** The most frequent keys, most frequent first. */
function countMost<Key>(
  rejects: readonly LoadReject[],
  keyOf: (reject: LoadReject) => Key,
  limit: number,
): { key: Key; count: number }[] {
  const counts = new Map<Key, number>()
  for (const reject of rejects) counts.set(keyOf(reject), (counts.get(keyOf(reject)) ?? 0) + 1)
  return [...counts]
    .map(([key, count]) => ({ key, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, limit)
}

/** The record, in a list of a file whose records may share a line, is the number of the row in it. */
const listedReject = z.object({
  ...loadReject.shape,
  /** Whether the record says where the row is. */
  isByRecord: z.boolean().exactOptional(),
})
export type ListedReject = z.output<typeof listedReject>

/** @param text of a list, as NDJSON; an older one has neither files, records nor parts */
export function parseRejects(text: string): ListedReject[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => listedReject.parse({ file: null, text: null, part: null, ...JSON.parse(line) }))
}

/** The rows that the values are of. */
export function countRows(rejects: readonly Pick<ListedReject, 'file' | 'line' | 'record'>[]): number {
  return new Set(rejects.map(({ file, line, record }) => JSON.stringify([file, record ?? line]))).size
}
