import 'server-only'
import { getApiDescription } from '@/lib/contract/description/api-description'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { toOpenApi } from '@/lib/contract/description/openapi'
import { version } from '@/package.json'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function apiDescriptionEndpoints(services: Services) {
  // Built with the first request, because converting every shape takes longer than any other request may.
  let document: ReturnType<typeof toOpenApi> | null = null
  return [serve(services, getApiDescription, async () => (document ??= toOpenApi(ENDPOINTS, version)))]
}
