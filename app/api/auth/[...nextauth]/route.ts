import { serveNextAuth } from '@/server/http/serve-next-auth'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serveNextAuth
export const POST = serveNextAuth
export const { PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET', 'POST')
