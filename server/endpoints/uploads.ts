import 'server-only'
import { listUploads } from '@/lib/contract/uploads'
import { listUploads as readUploads } from '@/server/db/uploads/uploads'
import { findLoadingRuns } from '@/server/ingest/run/waiting/loading-runs'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function uploadEndpoints(services: Services) {
  return [
    serve(services, listUploads, async (_input, { actor }) => {
      const uploads = await readUploads(services.database, actor.userId)
      const loading = uploads.length === 0 ? null : await findLoadingRuns(services.database)
      return {
        uploads: uploads.map(
          ({ uploadId, fileName, target, sizeBytes, receivedBytes, expiresAtMs, proposalId, runId }) => ({
            uploadId,
            fileName,
            target,
            sizeBytes,
            receivedBytes,
            expiresAtMs,
            proposalId,
            runId: runId ?? loading?.get(uploadId) ?? null,
          }),
        ),
      }
    }),
  ]
}
