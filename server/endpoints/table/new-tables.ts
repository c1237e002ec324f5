import 'server-only'
import {
  createTable,
  findNewTable,
  registerTable,
  reviewNewTable,
  reviewRegistration,
} from '@/lib/contract/table/new-tables'
import { serve } from '@/server/http/serve'
import { createTableAction } from '@/server/changes/actions/create-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { showReview } from '@/server/changes/pipeline/review-action'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import * as registration from '@/server/changes/actions/register-table'
import type { Services } from '@/server/services'

export function newTableEndpoints(services: Services) {
  return [
    serve(services, reviewNewTable, ({ declaration, location, ...on }, context) =>
      showReview(services, createTableAction, { on, input: { declaration, location } }, context),
    ),
    serve(services, createTable, ({ declaration, location, idempotencyKey, ...on }, context) => {
      const requested = { on, input: { declaration, location } }
      return carryOut(services, createTableAction, requested, { ...context, idempotencyKey })
    }),
    serve(services, findNewTable, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
    serve(services, reviewRegistration, ({ metadataLocation, ...on }, context) =>
      showReview(services, registration.registerTableAction, { on, input: { metadataLocation } }, context),
    ),
    serve(services, registerTable, async ({ metadataLocation, idempotencyKey, ...identifier }, context) =>
      registration.registerTable(services, identifier, { metadataLocation }, { ...context, idempotencyKey }),
    ),
  ]
}
