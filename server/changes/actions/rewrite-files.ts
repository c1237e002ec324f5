import 'server-only'
import type { RewritePreview } from '@/lib/contract/table/rewrites'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Run } from '@/server/db/jobs/runs'
import { readRewritePreview } from '@/server/maintenance/rewrite-files/rewrite-preview'
import { findOpenRewrite, queueRewrite, readNewestRewrite } from '@/server/maintenance/rewrite-files/rewrite-task'
import type { Services } from '@/server/services'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'

type RewriteServices = Pick<Services, 'catalogs' | 'database' | 'manifestCache'>

/**
 * Queues a run that brings data files to the settings of their columns, or returns the one that is queued or in
 * progress. The run checks its permissions again when it starts, and with its commit.
 */
export const rewriteFilesAction: ProposableAction<
  RewriteServices,
  TableIdentifier,
  object,
  NothingReviewed,
  { run: Run },
  Omit<RewritePreview, 'storagePrice'>
> = {
  kind: 'rewrite-files',
  isHeld: true,
  // The run finds out which files differ.
  toReviewed: () => ({}),
  async review({ services, catalog, signal }, on) {
    const table = await catalog.loadTable(on, { signal })
    return { problem: null, show: () => readRewritePreview(services, table, signal) }
  },
  async commit(attempt, on) {
    const { actor, catalog, signal, services, request } = attempt
    const { database } = services
    const table = await catalog.loadTable(on, { signal })
    table.requireReadable?.()
    attempt.requireSame(table.metadata.tableUuid)
    const open = await findOpenRewrite(database, table)
    if (open !== null && request.proposal) throw openRewriteError()
    if (open !== null) return { run: open }
    let isQueued = false
    const run = await queueRewrite(database, table, actor, {
      proposalId: request.proposal?.proposalId ?? null,
      alongside: ({ id, kind, title }) => {
        isQueued = true
        return attempt
          .recorded({
            known: attempt.entry({ action: 'start-run', table: on, before: null, after: { run: { id, kind, title } } }),
          })
          .alongside(undefined)
      },
    })
    // Another request has queued one meanwhile, and this one recorded nothing.
    if (!isQueued && request.proposal) throw openRewriteError()
    return { run }
  },
  async repeat({ catalog, signal, services }, on) {
    const run = await readNewestRewrite(services.database, await catalog.loadTable(on, { signal }))
    if (run === null) throw new AppError('not-found', 'The run was removed.')
    return { run }
  },
}

function openRewriteError(): AppError {
  return new AppError(
    'version-conflict',
    'A rewrite of this table is already queued or in progress. Nothing was started.',
  )
}
