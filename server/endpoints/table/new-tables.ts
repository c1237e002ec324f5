import 'server-only'
import {
  createTable,
  findNewTable,
  registerTable,
  reviewNewTable,
  reviewRegistration,
} from '@/lib/contract/table/new-tables'
import { serve } from '@/server/http/serve'
import * as creation from '@/server/changes/actions/create-table'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import * as registration from '@/server/changes/actions/register-table'
import type { Services } from '@/server/services'

export function newTableEndpoints(services: Services) {
  return [
    serve(services, reviewNewTable, async ({ declaration, location, ...identifier }, context) =>
      creation.reviewNewTable(services, identifier, { declaration, location }, context),
    ),
    serve(services, createTable, async ({ declaration, location, idempotencyKey, ...identifier }, context) =>
      creation.createTable(services, identifier, { declaration, location }, { ...context, idempotencyKey }),
    ),
    serve(services, findNewTable, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
    serve(services, reviewRegistration, async ({ metadataLocation, ...identifier }, context) =>
      registration.reviewRegistration(services, identifier, metadataLocation, context),
    ),
    serve(services, registerTable, async ({ metadataLocation, idempotencyKey, ...identifier }, context) =>
      registration.registerTable(services, identifier, { metadataLocation }, { ...context, idempotencyKey }),
    ),
  ]
}
