import 'server-only'
import {
  commitViewEdit,
  createView,
  dropView,
  findViewWrite,
  listViewUses,
  readViewColumns,
  renameView,
  reviewNewView,
  reviewViewDrop,
  reviewViewEdit,
  reviewViewRename,
} from '@/lib/contract/lifecycle/views'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveViewColumns } from '@/server/http/serve-view-columns'
import { changeViewAction } from '@/server/changes/actions/change-view'
import { createViewAction } from '@/server/changes/actions/create-view'
import { dropViewAction } from '@/server/changes/actions/drop-view'
import { renameViewAction } from '@/server/changes/actions/rename-view'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { showReview } from '@/server/changes/pipeline/review-action'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import { readViewUses } from '@/server/search/table-uses'
import type { Services } from '@/server/services'
import { queryReads } from './query-reads'

/** The endpoints that create and change views. */
export function viewChangeEndpoints(services: Services) {
  return [
    serveViewColumns(services, readViewColumns, createApiFetch(queryReads(services))),
    serve(services, reviewNewView, ({ version, properties, ...on }, context) =>
      showReview(services, createViewAction, { on, input: { version, properties } }, context),
    ),
    serve(services, createView, ({ version, properties, idempotencyKey, ...on }, context) => {
      const requested = { on, input: { version, properties } }
      return carryOut(services, createViewAction, requested, { ...context, idempotencyKey })
    }),
    serve(services, findViewWrite, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
    serve(services, reviewViewEdit, ({ edit, ...on }, context) =>
      showReview(services, changeViewAction, { on, input: { edit } }, context),
    ),
    serve(services, commitViewEdit, ({ edit, idempotencyKey, ...on }, context) =>
      carryOut(services, changeViewAction, { on, input: { edit } }, { ...context, idempotencyKey }),
    ),
    serve(services, listViewUses, async (on, { actor, signal }) => {
      const catalog = await services.catalogs.open(on.catalog, actor)
      return readViewUses(services, await catalog.loadView(on, { signal }), { actor, signal })
    }),
    serve(services, reviewViewRename, ({ toNamespace, toView, ...on }, context) => {
      const to = { catalog: on.catalog, namespace: toNamespace, view: toView }
      return showReview(services, renameViewAction, { on, input: { to } }, context)
    }),
    serve(services, renameView, ({ toNamespace, toView, confirmedName, idempotencyKey, ...on }, context) => {
      const to = { catalog: on.catalog, namespace: toNamespace, view: toView }
      const request = { ...context, confirmedName, idempotencyKey }
      return carryOut(services, renameViewAction, { on, input: { to } }, request)
    }),
    serve(services, reviewViewDrop, (on, context) => showReview(services, dropViewAction, { on, input: {} }, context)),
    serve(services, dropView, ({ metadataLocation, confirmedName, idempotencyKey, ...on }, context) => {
      const request = { ...context, confirmedName, idempotencyKey }
      return carryOut(services, dropViewAction, { on, input: { metadataLocation } }, request)
    }),
  ]
}
