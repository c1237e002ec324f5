import 'server-only'
import type { RefDropPreview, RefMovePreview, RefRetentionPreview } from '@/lib/contract/table/refs'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import { changeForIntents } from '@/lib/changes/intents/intent-changes'
import { planRefMove } from '@/lib/changes/intents/plan-ref-move'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Services } from '@/server/services'
import { planRefDrop, readRefDrop } from '@/server/table/commit/ref-drop'
import { readRefMove } from '@/server/table/commit/ref-move'
import { planRefRetention, readRefRetention, type RequestedRef } from '@/server/table/commit/ref-retention'
import { clock } from '@/server/timing/clock'
import type { Reviewable } from '../../pipeline/action'
import { reviewPlan } from '../../pipeline/review-problem'

/**
 * Changes of branches and tags are carried out as intents (`changeTableAction`). These reviews return the intent, with its
 * effect on snapshots and files.
 */
type RefServices = Pick<Services, 'catalogs' | 'database' | 'manifestCache'>

/** The move of a branch or a tag to another ref, a snapshot or a time. */
export const refMoveReview: Reviewable<
  RefServices,
  TableIdentifier,
  Parameters<typeof planRefMove>[1],
  RefMovePreview
> = {
  async review({ services, catalog, signal }, on, requested) {
    const table = await catalog.loadTable(on, { signal })
    requireSupportedFormat(table.metadata)
    return reviewPlan(
      () => {
        const intent = planRefMove(table.metadata, requested)
        changeForIntents(table.metadata, [intent])
        return { branch: requested.branch, intent }
      },
      (move) => ({
        problem: null,
        show: () => readRefMove(services.manifestCache, table, move, { catalog, store: table.store, signal }),
      }),
    )
  },
}

/** The removal of a branch or a tag. */
export const refDropReview: Reviewable<
  RefServices,
  TableIdentifier,
  { refName: string; safetyTag: SafetyTag | null },
  RefDropPreview
> = {
  async review({ services, catalog, signal }, on, requested) {
    const table = await catalog.loadTable(on, { signal })
    requireSupportedFormat(table.metadata)
    return reviewPlan(
      () => planRefDrop(table.metadata, requested),
      (intent) => ({
        problem: null,
        show: () => readRefDrop(services.manifestCache, table, intent, { catalog, signal }),
      }),
    )
  },
}

/** A new branch or tag, or another retention of one. */
export const refRetentionReview: Reviewable<RefServices, TableIdentifier, RequestedRef, RefRetentionPreview> = {
  async review({ services, catalog, signal }, on, requested) {
    const table = await catalog.loadTable(on, { signal })
    requireSupportedFormat(table.metadata)
    return reviewPlan(
      () => planRefRetention(table.metadata, requested),
      (planned) => ({
        problem: null,
        show: () => readRefRetention(services.manifestCache, table, planned, { nowMs: clock.nowMs(), signal }),
      }),
    )
  },
}
