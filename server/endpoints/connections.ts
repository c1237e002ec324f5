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

export const connectionEndpoints = [
  serve(testConnectionForm, ({ connection, ...form }, asked) => testForm(form, connection ?? null, asked)),
  serve(getConnection, async ({ connection }) => toConnectionEntry(await requireConnection(connection))),
  serve(changeConnection, async ({ connection, ...form }, { actor, requestId }) => ({
    version: await change(connection, form, { actor, requestId }),
  })),
  serve(removeConnection, async ({ connection, confirmedName }, { actor, requestId }) => {
    await remove(connection, confirmedName, { actor, requestId })
    return {}
  }),
  serve(testConnection, ({ connection }, asked) => testStored(connection, asked)),
  serve(listConnections, async () => ({ connections: await connectionEntries() })),
  serve(addConnection, async (form, { actor, requestId }) => ({
    connectionId: await add(form, { actor, requestId }),
  })),
  serve(setOwnLogin, async ({ catalog, ...login }, { actor, requestId }) => {
    await bindOwnCredentials(catalog, login, { actor, requestId })
    return {}
  }),
  serve(removeOwnLogin, async ({ catalog }, { actor, requestId }) => {
    await forgetOwn(catalog, { actor, requestId })
    return {}
  }),
  serve(listOwnLogins, async (_, { actor }) => ({ logins: await ownLogins(actor) })),
]
