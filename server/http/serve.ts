import 'server-only'
import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { Services } from '@/server/services'
import { type Asked, answer, type ServedEndpoint } from './answer'

/**
 * Serves an endpoint: who is asking, is the input sound, may they, do the work, check the
 * output, and turn any failure into problem+json. An output that breaks the contract is our bug, not the caller's.
 */
export function serve<I extends z.ZodObject, O extends z.ZodType>(
  services: Services,
  endpoint: Endpoint<I, O>,
  work: (input: z.output<I>, asked: Asked) => Promise<z.output<O>>,
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      answer(services, endpoint, request, context, async (input, asked) => {
        const output = await work(input, asked)
        return Response.json(z.encode(endpoint.output, output))
      }),
  }
}
