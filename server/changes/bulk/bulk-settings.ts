import 'server-only'
import type { BulkSetting } from '@/lib/changes/intents/bulk-change'
import { bulkIntents } from '@/lib/changes/intents/bulk-intents'
import type { PropertyIntent } from '@/lib/changes/intents/property-intent'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { requirePermission } from '@/server/auth/actor'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import { maskProperties, requireNoSecrets } from '@/server/table/mask-properties'
import { changeTableAction, commitIntents } from '../actions/change-table'
import { reviewIntents } from '../actions/review-intents'
import { undoAction } from '../actions/undo'
import { carryOut } from '../pipeline/carry-out'
import { showReview } from '../pipeline/review-action'
import type { ProposalServices } from '../proposals/proposable'
import type { BulkAction } from './bulk-action'

/** Sets properties and tags of tables. The preview stores the intents with the values that each table has. */
export function createBulkSettings(services: ProposalServices, settings: readonly BulkSetting[]): BulkAction {
  const { catalogs, keys } = services
  return {
    async preview(on, { actor, signal }) {
      const catalog = await catalogs.open(on.catalog, actor)
      const table = await catalog.loadTable(on, { signal })
      const { metadata } = table
      const properties = maskProperties(keys, metadata.properties, metadata.tableUuid)
      const intents = bulkIntents({ schema: currentSchema(metadata), properties }, settings)
      if (intents.length === 0) return { state: 'unchanged', intents, warnings: [] }
      requireNoSecrets(intents)
      const review = await reviewIntents(keys, catalog, table, intents, signal)
      if (review.problem !== null) return { state: 'failed', problem: review.problem.message, intents, warnings: [] }
      const { warnings } = await review.show()
      return { state: 'ready', intents, warnings }
    },
    async commit(on, table, request) {
      return (await commitIntents(services, on, intentsOf(table), request)).auditId
    },
    proposals: {
      toProposed: (table) => ({ kind: 'change-table', intents: [...intentsOf(table)] }),
      async review(on, table, request) {
        const requested = { on, input: { intents: intentsOf(table) } }
        const { requestDigest, conflicts, problem } = await showReview(services, changeTableAction, requested, request)
        if (requestDigest === null || conflicts.length > 0)
          throw new AppError('commit-conflict', problem?.message ?? 'The table was changed since this was proposed.')
        return { kind: 'change-table', requestDigest }
      },
    },
    async undo(on, { id: auditId }, request) {
      requirePermission(request.actor, 'table:maintain', on)
      await carryOut(services, undoAction, { on, input: { auditId, safetyTag: null } }, request)
    },
  }
}

function intentsOf({ intents }: BulkTable): readonly PropertyIntent[] {
  if (intents === null) throw new AppError('invalid-request', 'It has no preview.')
  return intents.filter((intent) => intent.kind !== 'grant')
}
