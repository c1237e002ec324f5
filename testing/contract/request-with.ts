import type { Endpoint } from '../../lib/contract/endpoint.ts'

/** A request of an endpoint with these fields on the wire, as a route receives it. */
export function requestWith(
  endpoint: Endpoint,
  fields: Record<string, unknown>,
  cookie: string,
): { request: Request; params: Record<string, string> } {
  const inPath = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const params = Object.fromEntries(inPath.map((name) => [name, String(fields[name])]))
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !inPath.includes(name)))
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]))
  const request = new Request(`http://test/x${hasBody ? '' : `?${query}`}`, {
    method: endpoint.method,
    headers: { cookie, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(rest) }),
  })
  return { request, params }
}
