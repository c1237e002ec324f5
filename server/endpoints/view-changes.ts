import 'server-only'
import {
  commitViewEdit,
  createView,
  dropView,
  findViewWrite,
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
import * as drops from '@/server/changes/actions/drop-view'
import * as renames from '@/server/changes/actions/rename-view'
import { showReview } from '@/server/changes/pipeline/review-action'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import type { Services } from '@/server/services'
import * as edits from '@/server/changes/actions/change-view'
import * as creation from '@/server/changes/actions/create-view'
import { queryReads } from './query-reads'

/** The endpoints that create and change views. */
export function viewChangeEndpoints(services: Services) {
  return [
    serveViewColumns(services, readViewColumns, createApiFetch(queryReads(services))),
    serve(services, reviewNewView, ({ version, properties, ...on }, context) =>
      showReview(services, creation.createViewAction, { on, input: { version, properties } }, context),
    ),
    serve(services, createView, async ({ version, properties, idempotencyKey, ...view }, context) =>
      creation.createView(services, view, { version, properties }, { ...context, idempotencyKey }),
    ),
    serve(services, findViewWrite, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
    serve(services, reviewViewEdit, ({ edit, ...on }, context) =>
      showReview(services, edits.changeViewAction, { on, input: { edit } }, context),
    ),
    serve(services, commitViewEdit, async ({ edit, idempotencyKey, ...view }, context) =>
      edits.commitViewEdit(services, view, { edit }, { ...context, idempotencyKey }),
    ),
    serve(services, reviewViewRename, ({ toNamespace, toView, ...on }, context) => {
      const to = { catalog: on.catalog, namespace: toNamespace, view: toView }
      return showReview(services, renames.renameViewAction, { on, input: { to } }, context)
    }),
    serve(services, renameView, async ({ toNamespace, toView, idempotencyKey, ...from }, context) => {
      const to = { catalog: from.catalog, namespace: toNamespace, view: toView }
      return renames.renameView(services, from, to, { ...context, idempotencyKey })
    }),
    serve(services, reviewViewDrop, (on, context) =>
      showReview(services, drops.dropViewAction, { on, input: {} }, context),
    ),
    serve(services, dropView, async ({ metadataLocation, confirmedName, idempotencyKey, ...view }, context) =>
      drops.dropView(services, view, { metadataLocation }, { ...context, confirmedName, idempotencyKey }),
    ),
  ]
}
