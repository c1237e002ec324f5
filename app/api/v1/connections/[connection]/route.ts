import { changeConnection, getConnection, removeConnection } from '@/lib/contract/connections'
import {
  changeConnection as change,
  removeConnection as remove,
  requireConnection,
  toConnectionEntry,
} from '@/server/connections/connections'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getConnection, async ({ connection }) =>
  toConnectionEntry(await requireConnection(connection)),
)

export const PUT = serve(changeConnection, async ({ connection, ...form }, { actor, requestId }) => ({
  version: await change(connection, form, { actor, requestId }),
}))

export const DELETE = serve(removeConnection, async ({ connection, confirmedName }, { actor, requestId }) => {
  await remove(connection, confirmedName, { actor, requestId })
  return {}
})
export const { POST, PATCH, OPTIONS } = wrongMethod('GET', 'PUT', 'DELETE')
