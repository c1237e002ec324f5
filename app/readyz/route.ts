import { readiness } from '@/server/http/readiness'

export const dynamic = 'force-dynamic'

/** Whether requests should be sent here. */
export async function GET(): Promise<Response> {
  const found = await readiness()
  return Response.json(found, { status: found.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}
