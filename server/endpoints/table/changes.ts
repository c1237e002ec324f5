import 'server-only'
import { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
import { serve } from '@/server/http/serve'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import type { Services } from '@/server/services'
import { changeTableAction, commitIntents } from '@/server/changes/actions/change-table'
import { answerReview } from '@/server/changes/pipeline/review-action'
import { requireNoSecrets } from '@/server/table/mask-properties'

export function changeEndpoints(services: Services) {
  return [
    serve(services, reviewChanges, ({ intents, tableUuid, ...on }, context) =>
      answerReview(services, changeTableAction, { on, input: { intents, tableUuid } }, context),
    ),
    serve(
      services,
      commitChanges,
      async ({ intents, confirmedName, idempotencyKey, tableUuid, ...identifier }, context) => {
        requireNoSecrets(intents)
        const request = { ...context, confirmedName, idempotencyKey, tableUuid }
        const { auditId, table } = await commitIntents(services, identifier, intents, request)
        return { auditId, metadataLocation: table.metadataLocation }
      },
    ),
    serve(services, findChange, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
  ]
}
