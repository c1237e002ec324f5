import { testConnectionForm } from '@/lib/contract/connections'
import { testForm } from '@/server/connections/test-connection'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(testConnectionForm, ({ connection, ...form }, asked) =>
  testForm(form, connection ?? null, asked),
)
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
