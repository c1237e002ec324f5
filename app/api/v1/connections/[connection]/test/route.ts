import { testConnection } from '@/lib/contract/connections'
import { testStored } from '@/server/connections/test-connection'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(testConnection, ({ connection }, asked) => testStored(connection, asked))
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
