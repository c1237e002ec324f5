import 'server-only'
import { AppError } from '@/lib/errors'
import { entryLabel } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import { dropTableAction } from '../actions/drop-table'
import { restoreAction } from '../actions/restore'
import { carryOut } from '../pipeline/carry-out'
import { reviewAction, showReview } from '../pipeline/review-action'
import type { BulkAction } from './bulk-action'
import type { ProposalServices } from '../proposals/proposable'
import { createUseWarnings } from '../pipeline/use-warnings'

const KEEPS_FILES = { isPurge: false, keepsFiles: true } as const

/**
 * Drops tables that the catalog can restore, and keeps their files. The user has confirmed the number of the tables and
 * the catalog, not each name. The preview stores the version that is dropped.
 */
export function createBulkDrop(services: ProposalServices): BulkAction {
  const useWarnings = createUseWarnings(services)
  return {
    async preview(on, reader) {
      const review = await reviewAction(services, dropTableAction, { on, input: KEEPS_FILES }, reader)
      if (review.problem !== null) return failed(review.problem.message)
      const { metadataLocation, canRestore, problem } = await review.show()
      if (problem !== null) return failed(`${problem.detail} It could not be restored, so it is not dropped here.`)
      if (!canRestore || metadataLocation === null)
        return failed('The catalog could not restore it, so it is not dropped here.')
      const { used, limits } = await useWarnings.ofTable(on, reader)
      return { state: 'ready', intents: [], warnings: [...used, ...limits], metadataLocation }
    },
    async commit(on, table, request) {
      const input = { ...KEEPS_FILES, metadataLocation: locationOf(table) }
      const confirmed = { ...request, confirmedName: entryLabel(on) }
      return (await carryOut(services, dropTableAction, { on, input }, confirmed)).auditId
    },
    proposals: {
      toProposed: () => ({ kind: 'drop', isPurge: false }),
      async review(on, table, request) {
        const metadataLocation = locationOf(table)
        const review = await showReview(services, dropTableAction, { on, input: KEEPS_FILES }, request)
        if (review.metadataLocation !== metadataLocation)
          throw new AppError('commit-conflict', 'The table was changed since its drop was proposed.')
        return { kind: 'drop', metadataLocation }
      },
    },
    async undo({ catalog, namespace, table }, { id: auditId }, request) {
      requirePermission(request.actor, 'table:maintain', { catalog, namespace, table }, { isNew: true })
      const restored = { on: { catalog, namespace }, input: { auditId, name: table } }
      await carryOut(services, restoreAction, restored, request)
    },
  }
}

function failed(problem: string) {
  return { state: 'failed', problem, intents: [], warnings: [] } as const
}

function locationOf({ metadataLocation }: BulkTable): string {
  if (metadataLocation === null) throw new AppError('invalid-request', 'It has no preview.')
  return metadataLocation
}
