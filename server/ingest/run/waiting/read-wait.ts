import 'server-only'
import type * as z from 'zod'
import type { getRun } from '@/lib/contract/jobs'
import { MAX_AWAITED_FILES } from '@/lib/contract/loads/load-wait'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { listAwaitedUploads } from '@/server/db/uploads/awaiting-runs'
import { canChange } from '@/server/jobs/run-view'

/** The uploads that a load waits for; null for any other run. The names of files are for users who may change the run. */
export async function readWait(
  database: Database,
  run: Run,
  actor: Actor,
): Promise<z.output<typeof getRun.output>['wait']> {
  if (run.state !== 'queued' || run.awaitedUploads === 0) return null
  const uploads = await listAwaitedUploads(database, run.id)
  // It has begun, or has ended, since the run was read.
  if (uploads.length === 0) return null
  const incomplete = uploads.filter(({ sizeBytes, receivedBytes }) => receivedBytes < sizeBytes)
  return {
    fileCount: uploads.length,
    incompleteCount: incomplete.length,
    sizeBytes: sum(uploads.map(({ sizeBytes }) => sizeBytes)),
    receivedBytes: sum(uploads.map(({ receivedBytes }) => receivedBytes)),
    expiresAtMs: Math.max(...uploads.map(({ expiresAtMs }) => expiresAtMs)),
    isOwn: uploads.every(({ userId }) => userId === actor.userId),
    files: canChange(actor, run)
      ? incomplete
          .slice(0, MAX_AWAITED_FILES)
          .map(({ uploadId, fileName, sizeBytes, receivedBytes }) => ({ uploadId, fileName, sizeBytes, receivedBytes }))
      : [],
  }
}
