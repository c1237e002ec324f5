import 'server-only'
import {
  dropTable,
  listDroppedTables,
  renameTable,
  restoreTable,
  listPurgedFiles,
  reviewRestore,
  reviewTableDrop,
  reviewTableRename,
} from '@/lib/contract/lifecycle/tables'
import { simulateLayouts } from '@/lib/contract/table/layout'
import { getTable, getTableLayouts } from '@/lib/contract/table/tables'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { abilitiesOn } from '@/server/catalog/format-gate'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { catalogAccess } from '@/server/table/catalog-access'
import { describeTable } from '@/server/table/describe-table'
import { dropTableAction } from '@/server/changes/actions/drop-table'
import {
  listDroppedTables as listDropped,
  restoreAction,
  reviewRestore as reviewRestoredName,
} from '@/server/changes/actions/restore'
import { listPurgedFiles as readPurgedFiles } from '@/server/lifecycle/purged-files'
import { renameTableAction } from '@/server/changes/actions/rename-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { showReview } from '@/server/changes/pipeline/review-action'
import { readLayoutSimulation } from '@/server/table/layout/layout-simulation'
import { mayReadAs } from '@/server/table/hidden-names'
import { loadTableOrExplain } from '@/server/table/load-table'
import { describeLayouts } from '@/server/table/describe-layouts'

export function tableEndpoints(services: Services) {
  const { catalogs, config } = services
  return [
    serve(services, getTable, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const [table, abilities] = await Promise.all([
        loadTableOrExplain(catalog, input, actor, signal),
        catalog.abilities({ signal }),
      ])
      const described = await describeTable(services, table, asOfFromInput(input), {
        mayRead: mayReadAs(actor),
        signal,
      })
      return {
        catalogKind: catalog.kind,
        abilities: abilitiesOn(table, abilities),
        catalogAccess: catalogAccess(config, catalog, table.metadata.location, actor),
        ...described,
      }
    }),
    serve(services, getTableLayouts, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const { metadata } = await loadTableOrExplain(catalog, input, actor, signal)
      return describeLayouts(services.keys, metadata, mayReadAs(actor))
    }),
    serve(services, reviewTableRename, ({ toNamespace, toTable, ...on }, context) => {
      const to = { catalog: on.catalog, namespace: toNamespace, table: toTable }
      return showReview(services, renameTableAction, { on, input: { to } }, context)
    }),
    serve(services, renameTable, ({ toNamespace, toTable, confirmedName, idempotencyKey, ...on }, context) => {
      const to = { catalog: on.catalog, namespace: toNamespace, table: toTable }
      const request = { ...context, confirmedName, idempotencyKey }
      return carryOut(services, renameTableAction, { on, input: { to } }, request)
    }),
    serve(services, reviewTableDrop, ({ keepsFiles, ...on }, context) => {
      const input = { isPurge: false, keepsFiles: keepsFiles !== undefined }
      return showReview(services, dropTableAction, { on, input }, context)
    }),
    serve(services, listPurgedFiles, async (identifier, context) => readPurgedFiles(services, identifier, context)),
    serve(services, dropTable, ({ isPurge, metadataLocation, confirmedName, idempotencyKey, ...on }, context) => {
      const request = { ...context, confirmedName, idempotencyKey }
      return carryOut(services, dropTableAction, { on, input: { isPurge, metadataLocation } }, request)
    }),
    serve(services, listDroppedTables, async (namespace, context) => listDropped(services, namespace, context)),
    serve(services, reviewRestore, ({ auditId, name, ...namespace }, context) =>
      reviewRestoredName(services, namespace, { auditId, name }, context),
    ),
    serve(services, restoreTable, ({ auditId, name, idempotencyKey, ...on }, context) =>
      carryOut(services, restoreAction, { on, input: { auditId, name } }, { ...context, idempotencyKey }),
    ),
    serve(services, simulateLayouts, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      return readLayoutSimulation(services, table, input, { userId: actor.userId, signal })
    }),
  ]
}
