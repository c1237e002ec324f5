import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { DEFAULT_REMOVAL_WINDOW_MS, type ExpiryPreview } from '@/lib/contract/table/expiry'
import type { expiryChoice } from '@/lib/contract/shapes/proposed-table-action'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ExpireSnapshots } from '@/lib/changes/intents/expire-snapshots/describe'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Services } from '@/server/services'
import { expiryCriteria, readExpiryPreview, toRequest } from '@/server/table/expiry/preview-expiry'
import type { ProposableAction } from '../pipeline/action'
import { requireReviewed } from '../pipeline/review-action'
import { reviewPlan } from '../pipeline/review-problem'
import { type ChangedTable, commitTableIntents } from './change-table'

type ExpireServices = Pick<Services, 'catalogs' | 'database' | 'keys'>
type ExpiryChoice = z.output<typeof expiryChoice>

type ReviewedExpiry = {
  /** When the dry run was made: ages count from it. */
  nowMs: number
  /** The snapshots that the dry run showed. */
  intent: ExpireSnapshots
}

/**
 * Expires the chosen snapshots, if the choice still means those of the dry run.
 *
 * @throws {AppError} commit-conflict if it means others; and as a change of the table does
 */
export const expireAction: ProposableAction<
  ExpireServices,
  TableIdentifier,
  { choice: ExpiryChoice },
  ReviewedExpiry,
  ChangedTable,
  ExpiryPreview
> = {
  kind: 'expire',
  isHeld: true,
  toReviewed: (reviewed) => requireReviewed(reviewed, 'expire'),
  async review({ services, catalog, signal }, on, { choice }) {
    const { database } = services
    const table = await catalog.loadTable(on, { signal })
    table.requireReadable?.()
    return reviewPlan(
      () => planChosenExpiry(table.metadata, choice, database.nowMs()),
      (intent) => ({
        problem:
          intent === null
            ? new AppError('invalid-request', 'Nothing would expire, so there is nothing to propose.')
            : null,
        show: () => readExpiryPreview(services, catalog, table, choice, signal),
      }),
    )
  },
  commit(attempt, on, { choice, nowMs, intent }) {
    // Ages that count from a later time would expire more snapshots than the proposal.
    if (nowMs > attempt.services.database.nowMs())
      throw new AppError('invalid-request', 'The time of the dry run is in the future.')
    return commitTableIntents(attempt, on, [intent], {
      verify: async (metadata) => {
        if (!isDeepStrictEqual(planChosenExpiry(metadata, choice, nowMs), intent)) throw otherExpiryError()
        return undefined
      },
    })
  },
  repeat: async (attempt, on) => ({ table: await attempt.loadTable(on) }),
}

/** Null if no snapshot would expire. */
function planChosenExpiry(metadata: TableMetadata, choice: ExpiryChoice, nowMs: number): ExpireSnapshots | null {
  const { removeFilesAfterMs = DEFAULT_REMOVAL_WINDOW_MS } = choice
  return planExpiry(metadata, toRequest(expiryCriteria(choice, nowMs)), removeFilesAfterMs).intent
}

function otherExpiryError(): AppError {
  return new AppError(
    'commit-conflict',
    'The proposed expiry would now remove other snapshots than the dry run showed. Nothing was changed. Review the dry run again.',
  )
}
