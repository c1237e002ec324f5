import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'

/** The endpoint of the contract that is exported under this name. */
export function findEndpoint(name: string): Endpoint {
  const found = ENDPOINTS.find((one) => one.name === name)
  if (!found) throw new Error(`no endpoint is named ${name}`)
  return found.endpoint
}
