import 'server-only'
import { dropStatements, purgeStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { purgeChange } from '@/server/maintenance/purge-table'
import { requireExpectedLocation } from '@/server/catalog/folders/expected-location'
import type { Services } from '@/server/services'
import { protectionProblem } from '@/server/table/protection'
import { snapshotFigures } from '@/server/table/summary-counts'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import { findKnownPurgeProblem, findPurgeProblem } from '@/server/lifecycle/purge-problem'
import type { ProposableAction } from '../pipeline/action'
import { requireReviewed } from '../pipeline/review-action'
import { releaseName } from './release-name'

type DropServices = Pick<Services, 'catalogs' | 'config' | 'database'>
type DropTable = {
  isPurge: boolean
  /** Its review reads no other tables to find out whether its files may be removed. */
  keepsFiles?: boolean
}
/** `metadataLocation`: the reviewed version. */
type ReviewedTable = { metadataLocation: string | null }

/** The figures of a table whose metadata cannot be read. */
const UNKNOWN_FIGURES = { rowCount: null, liveBytes: null, dataFileCount: null, deleteFileCount: null }

/**
 * Drops a table. Without `isPurge` its files stay, and the embedded catalog can restore it at any time. Otherwise it
 * can do so for a while, before a run removes the files.
 *
 * @throws {AppError} version-conflict when the table is not what was reviewed; invalid-request when the name was not
 * confirmed, the table is protected, or its files may not be removed; and as `carryOut` does
 */
export const dropTableAction: ProposableAction<
  DropServices,
  TableIdentifier,
  DropTable,
  ReviewedTable,
  object,
  TableDropReview
> = {
  kind: 'drop-table',
  isHeld: true,
  ability: ({ isPurge }) => (isPurge ? 'purge-table' : 'drop-table'),
  toReviewed: (reviewed) => requireReviewed(reviewed, 'drop'),
  async review({ services, catalog, actor, signal }, on, { isPurge, keepsFiles = !isPurge }) {
    const { table, problem } = await loadIfReadable(catalog, on, signal)
    const target = { catalog, identifier: on, table }
    const purgeProblem = keepsFiles
      ? await findKnownPurgeProblem(target, { signal })
      : await findPurgeProblem(services, target, { actor, signal })
    const dropProblem = table && protectionProblem(table)
    const prevents = dropProblem ?? (isPurge ? purgeProblem : null)
    return {
      problem: prevents === null ? null : new AppError('invalid-request', prevents),
      async show() {
        const { metadata } = table ?? {}
        const tip = metadata?.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
        const path = await catalog.commitPath(on, { signal })
        return {
          metadataLocation: table?.metadataLocation ?? null,
          problem,
          location: metadata?.location ?? null,
          snapshotCount: metadata?.snapshots.length ?? 0,
          refNames: Object.keys(metadata?.refs ?? {}),
          ...(metadata ? snapshotFigures(tip ?? null) : UNKNOWN_FIGURES),
          canRestore: catalog.purgeSupport !== undefined && table !== null,
          dropProblem,
          purgeAfterMs: catalog.purgeSupport === undefined ? 0 : services.config.undropWindowMs,
          purgeProblem,
          drop: { request: { method: 'DELETE', path, body: null }, statements: dropStatements(on) },
          purge: {
            request: { method: 'DELETE', path: `${path}?purgeRequested=true`, body: null },
            statements: purgeStatements(on),
          },
        }
      },
    }
  },
  async commit(attempt, on, { isPurge, metadataLocation: reviewedLocation }) {
    attempt.requireTypedName(on)
    const { catalog, actor, signal, services } = attempt
    const { config, database } = services
    const { table } = await loadIfReadable(catalog, on, signal)
    requireExpectedLocation(table?.metadataLocation ?? null, reviewedLocation ?? (table ? '' : undefined))
    const recorded = releaseName(attempt, {
      action: isPurge ? 'purge-table' : 'drop-table',
      entry: table,
      from: on,
      alongside: ({ metadataLocation }) => {
        if (table === null || !isPurge || catalog.purgeSupport === undefined) return []
        const scheduledForMs = config.undropWindowMs === 0 ? null : database.nowMs() + config.undropWindowMs
        const dropped = { ...table, metadataLocation: metadataLocation ?? table.metadataLocation }
        return [purgeChange(database, dropped, actor, scheduledForMs)]
      },
    })
    if (isPurge) {
      if (table !== null) requireSupportedFormat(table.metadata)
      const problem = await findPurgeProblem(services, { catalog, identifier: on, table }, { actor, signal })
      if (problem !== null) throw new AppError('invalid-request', problem)
    }
    const dropped = {
      kind: 'drop-table' as const,
      table: on,
      // The check above reports problems early; this one is part of the write.
      ...(table !== null && { expectedLocation: table.metadataLocation }),
      ...(isPurge && catalog.purgeSupport === undefined && { purge: true }),
    }
    await catalog.write(dropped, recorded)
    return {}
  },
  repeat: async () => ({}),
}
