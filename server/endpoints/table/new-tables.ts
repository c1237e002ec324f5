import 'server-only'
import {
  createTable,
  findNewTable,
  registerTable,
  reviewNewTable,
  reviewRegistration,
} from '@/lib/contract/table/new-tables'
import { serve } from '@/server/http/serve'
import * as creation from '@/server/lifecycle/create-table'
import { findWriteOutcome } from '@/server/lifecycle/write-once'
import * as registration from '@/server/lifecycle/register-table'
import type { Services } from '@/server/services'

export function newTableEndpoints(services: Services) {
  return [
    serve(services, reviewNewTable, async ({ declaration, location, ...identifier }, context) =>
      creation.reviewNewTable(services, identifier, { declaration, location }, context),
    ),
    serve(services, createTable, async ({ declaration, location, idempotencyKey, ...identifier }, context) =>
      creation.createTable(services, identifier, { declaration, location, idempotencyKey }, context),
    ),
    serve(services, findNewTable, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
    serve(services, reviewRegistration, async ({ metadataLocation, ...identifier }, context) =>
      registration.reviewRegistration(services, identifier, metadataLocation, context),
    ),
    serve(services, registerTable, async ({ metadataLocation, idempotencyKey, ...identifier }, context) =>
      registration.registerTable(services, identifier, { metadataLocation, idempotencyKey }, context),
    ),
  ]
}
