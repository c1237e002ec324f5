import 'server-only'
import { listHistory, previewUndo, undoAction } from '@/lib/contract/table/history'
import { safetyTagFromQuery } from '@/lib/contract/table/refs'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { readHistory } from '@/server/table/history/read-history'
import { undoAction as undo } from '@/server/changes/actions/undo'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerReview } from '@/server/changes/pipeline/review-action'

export function historyEndpoints(services: Services) {
  return [
    serve(services, previewUndo, (input, context) => {
      const { catalog, namespace, table, auditId } = input
      const requested = { auditId, safetyTag: safetyTagFromQuery(input) }
      return answerReview(services, undo, { on: { catalog, namespace, table }, input: requested }, context)
    }),
    serve(services, undoAction, async ({ auditId: entryId, safetyTag = null, ...request }, context) => {
      const { confirmedName, idempotencyKey, ...on } = request
      const requested = { on, input: { auditId: entryId, safetyTag } }
      const { auditId, table } = await carryOut(services, undo, requested, {
        ...context,
        confirmedName,
        idempotencyKey,
      })
      const { currentSnapshotId } = table.metadata
      return { auditId, metadataLocation: table.metadataLocation, snapshotId: currentSnapshotId }
    }),
    serveTable(services, listHistory, (table, input, context) =>
      readHistory(services, table, input.before ?? null, context),
    ),
  ]
}
