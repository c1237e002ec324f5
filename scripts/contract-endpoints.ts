import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Endpoint } from '../lib/contract/endpoint.ts'

const CONTRACT = path.resolve('lib/contract')

export type NamedEndpoint = { name: string; file: string; endpoint: Endpoint }

/** Every endpoint that `lib/contract` describes, in the order of files and of names in them. */
export async function contractEndpoints(): Promise<NamedEndpoint[]> {
  const files = (await readdir(CONTRACT)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort()
  const named: NamedEndpoint[] = []
  for (const file of files) {
    const module = (await import(path.join(CONTRACT, file))) as Record<string, unknown>
    for (const [name, value] of Object.entries(module))
      if (isEndpoint(value)) named.push({ name, file, endpoint: value })
  }
  return named
}

export async function endpointNamed(name: string): Promise<Endpoint> {
  const found = (await contractEndpoints()).find((one) => one.name === name)
  if (!found) throw new Error(`no endpoint is named ${name}`)
  return found.endpoint
}

/** Where Next.js looks for the route of an endpoint. */
export function routeFile({ path: address }: Pick<Endpoint, 'path'>): string {
  return `app${address.replace(/:(\w+)/g, '[$1]')}/route.ts`
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'permission' in value
}
