import 'server-only'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { type AwaitedUploads, countAwaitingRuns, MAX_AWAITING_RUNS } from '@/server/db/uploads/awaiting-runs'
import { readUpload, type Upload } from '@/server/db/uploads/uploads'
import { INGEST, parseIngestSpec } from '../ingest-spec'

/** The uploads that a load has to wait for: all of its own, if one of them is not complete; otherwise null. */
export function toAwaited(uploads: readonly Upload[]): AwaitedUploads | null {
  const incomplete = uploads.find(({ sizeBytes, receivedBytes }) => receivedBytes < sizeBytes)
  if (incomplete === undefined) return null
  return { userId: incomplete.userId, uploadIds: [...new Set(uploads.map(({ uploadId }) => uploadId))] }
}

/** The same for a load that is queued again. One of which an upload is gone does not wait: the run says so. */
export async function findAwaited(
  database: Database,
  { kind, spec: json }: Pick<Run, 'kind' | 'spec'>,
  { userId }: { userId: string },
): Promise<AwaitedUploads | null> {
  if (kind !== INGEST) return null
  const { input, uploadedBy = userId } = parseIngestSpec(json)
  const uploads: Upload[] = []
  for (const source of input) {
    if (!('uploadId' in source)) continue
    const upload = await readUpload(database, { uploadId: source.uploadId, userId: uploadedBy })
    if (upload === null) return null
    uploads.push(upload)
  }
  return toAwaited(uploads)
}

/** @throws {AppError} invalid-request for an upload that another load waits for: its run will remove it */
export function requireNotAwaited({ fileName, runId }: Pick<Upload, 'fileName' | 'runId'>): void {
  if (runId === null) return
  throw new AppError(
    'invalid-request',
    `${fileName} belongs to the load ${runId}, which waits for its files. Cancel that one, or load the file again when it has ended. Nothing was started.`,
    { facts: { runId } },
  )
}

/** Why a load was not queued, although its uploads were found before. */
export async function notAwaitedError(database: Database, { userId }: AwaitedUploads): Promise<AppError> {
  const count = await countAwaitingRuns(database, userId)
  if (count >= MAX_AWAITING_RUNS)
    return new AppError(
      'too-many-requests',
      `${formatCount(count)} of your loads wait for the bytes of uploads, and more cannot. Nothing was started. Start this one when its files are here, or cancel another.`,
      { facts: { waitingRuns: count } },
    )
  return new AppError(
    'invalid-request',
    'An upload of the load has expired, was removed, or belongs to another load that waits for its files. Nothing was started.',
  )
}
