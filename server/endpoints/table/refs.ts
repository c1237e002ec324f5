import 'server-only'
import {
  listRefs,
  previewRefDrop,
  previewRefMove,
  previewRefRetention,
  safetyTagFromQuery,
} from '@/lib/contract/table/refs'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { refDropReview, refMoveReview, refRetentionReview } from '@/server/changes/actions/refs/review-refs'
import { answerReview } from '@/server/changes/pipeline/review-action'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { refPage } from '@/server/table/ref-page'

export function refEndpoints(services: Services) {
  return [
    serveTable(services, listRefs, async ({ metadata }, input) => refPage(metadata, input)),
    serve(services, previewRefMove, ({ catalog, namespace, table, branch, ...input }, context) => {
      const requested = { branch, to: asOfFromInput(input), safetyTag: safetyTagFromQuery(input) }
      return answerReview(services, refMoveReview, { on: { catalog, namespace, table }, input: requested }, context)
    }),
    serve(services, previewRefDrop, ({ catalog, namespace, table, refName, ...input }, context) => {
      const requested = { refName, safetyTag: safetyTagFromQuery(input) }
      return answerReview(services, refDropReview, { on: { catalog, namespace, table }, input: requested }, context)
    }),
    serve(services, previewRefRetention, ({ refName = null, type, snapshotId, ...input }, context) => {
      const { minSnapshotsToKeep = null, maxSnapshotAgeMs = null, maxRefAgeMs = null, ...on } = input
      const retention = { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }
      const requested = { on, input: { refName, type, snapshotId, retention } }
      return answerReview(services, refRetentionReview, requested, context)
    }),
  ]
}
