import 'server-only'
import {
  addConnection,
  changeConnection,
  getConnection,
  listConnections,
  listOwnLogins,
  removeConnection,
  removeOwnLogin,
  setOwnLogin,
  testConnection,
  testConnectionForm,
} from '@/lib/contract/connections'
import {
  addConnection as add,
  changeConnection as change,
  connectionEntries,
  removeConnection as remove,
  requireConnection,
  toConnectionEntry,
} from '@/server/connections/connections'
import { bindOwnCredentials, forgetOwn, ownLogins } from '@/server/connections/own-credentials'
import { testForm, testStored } from '@/server/connections/test-connection'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function connectionEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, testConnectionForm, ({ connection, ...form }, asked) =>
      testForm(services, form, connection ?? null, asked),
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
    serve(services, testConnection, ({ connection }, asked) => testStored(services, connection, asked)),
    serve(services, listConnections, async () => ({ connections: await connectionEntries(database) })),
    serve(services, addConnection, async (form, { actor, requestId }) => ({
      connectionId: await add(services, form, { actor, requestId }),
    })),
    serve(services, setOwnLogin, async ({ catalog, ...login }, { actor, requestId }) => {
      await bindOwnCredentials(services, catalog, login, { actor, requestId })
      return {}
    }),
    serve(services, removeOwnLogin, async ({ catalog }, { actor, requestId }) => {
      await forgetOwn(database, catalog, { actor, requestId })
      return {}
    }),
    serve(services, listOwnLogins, async (_, { actor }) => ({ logins: await ownLogins(database, actor) })),
  ]
}
