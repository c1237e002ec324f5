import { addConnection, listConnections } from '@/lib/contract/connections'
import { addConnection as add, connectionEntries } from '@/server/connections/connections'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listConnections, async () => ({ connections: await connectionEntries() }))

export const POST = serve(addConnection, async (form, { actor, requestId }) => ({
  connectionId: await add(form, { actor, requestId }),
}))
export const { PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET', 'POST')
