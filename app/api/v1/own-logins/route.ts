import { listOwnLogins } from '@/lib/contract/connections'
import { ownLogins } from '@/server/connections/own-credentials'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listOwnLogins, async (_, { actor }) => ({ logins: await ownLogins(actor) }))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
