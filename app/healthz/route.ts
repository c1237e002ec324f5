export const dynamic = 'force-dynamic'

/** Whether the process answers at all; nothing else is asked. */
export function GET(): Response {
  return Response.json({ alive: true }, { headers: { 'cache-control': 'no-store' } })
}
