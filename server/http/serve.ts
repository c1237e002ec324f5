import 'server-only'
import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { BUILD_HEADER } from '@/lib/contract/shapes/plain-values'
import type { Services } from '@/server/services'
import { type RequestContext, handleRequest, type ServedEndpoint } from './handle-request'

/**
 * Serves an endpoint: identifies the caller, validates the input, checks the permission, does the work, validates the
 * output, and turns any failure into problem+json. An output that breaks the contract is our bug, not the caller's.
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
        return Response.json(z.encode(endpoint.output, output), { headers: buildHeader(services) })
      }),
  }
}

/** Pages of the same build need not validate the output again. */
function buildHeader({ buildId }: Pick<Services, 'buildId'>): Record<string, string> {
  return buildId === null ? {} : { [BUILD_HEADER]: buildId }
}
