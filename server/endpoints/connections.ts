import 'server-only'
import {
  addConnection,
  changeConnection,
  getConnection,
  listConnections,
  listOwnCredentials,
  removeConnection,
  removeOwnCredentials,
  setOwnCredentials,
  testConnection,
  testConnectionForm,
} from '@/lib/contract/connections'
import {
  addConnection as add,
  changeConnection as change,
  listConnectionEntries,
  removeConnection as remove,
  requireConnection,
  toConnectionEntry,
} from '@/server/connections/connections'
import {
  bindOwnCredentials,
  listOwnCredentials as listCredentialsOf,
  unbindOwnCredentials,
} from '@/server/credentials/own-credentials'
import { testUnsavedConnection, testSavedConnection } from '@/server/connections/test-connection'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function connectionEndpoints(services: Services) {
  const { config, database } = services
  return [
    serve(services, testConnectionForm, ({ connection, ...form }, context) =>
      testUnsavedConnection(services, form, connection ?? null, context),
    ),
    serve(services, getConnection, async ({ connection }) =>
      toConnectionEntry(await requireConnection(database, connection)),
    ),
    serve(services, changeConnection, async ({ connection, ...form }, { actor, requestId }) => ({
      version: await change(services, connection, form, { actor, requestId }),
    })),
    serve(services, removeConnection, async ({ connection, confirmedName }, { actor, requestId }) => {
      await remove(database, connection, confirmedName, { actor, requestId })
      return {}
    }),
    serve(services, testConnection, ({ connection }, context) => testSavedConnection(services, connection, context)),
    serve(services, listConnections, async () => ({
      connections: await listConnectionEntries(database),
      localRoots: [...config.localRoots],
    })),
    serve(services, addConnection, async (form, { actor, requestId }) => ({
      connectionId: await add(services, form, { actor, requestId }),
    })),
    serve(services, setOwnCredentials, async ({ catalog, ...login }, { actor, requestId }) => {
      await bindOwnCredentials(services, catalog, login, { actor, requestId })
      return {}
    }),
    serve(services, removeOwnCredentials, async ({ catalog }, { actor, requestId }) => {
      await unbindOwnCredentials(database, catalog, { actor, requestId })
      return {}
    }),
    serve(services, listOwnCredentials, async (_, { actor }) => ({
      credentials: await listCredentialsOf(database, actor),
    })),
  ]
}
