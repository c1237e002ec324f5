import 'server-only'
import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { Services } from '@/server/services'
import { type RequestContext, handleRequest, type ServedEndpoint } from './handle-request'

/**
 * Serves an endpoint: who is asking, is the input sound, may they, do the work, check the
 * output, and turn any failure into problem+json. An output that breaks the contract is our bug, not the caller's.
 */
export function serve<I extends z.ZodObject, O extends z.ZodType>(
  services: Services,
  endpoint: Endpoint<I, O>,
  work: (input: z.output<I>, requestContext: RequestContext) => Promise<z.output<O>>,
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        const output = await work(input, requestContext)
        return Response.json(z.encode(endpoint.output, output))
      }),
  }
}
