import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { invalidInputError } from '@/lib/contract/shapes/invalid-input'
import { type CallOptions, request } from './request'
import { unreadableResponseError } from './response-error'

/**
 * Calls one of our own endpoints and returns its parsed output. Endpoints that return bytes are not called but fetched.
 *
 * @throws {AppError} with the server's code, facts and request id; `invalid-request` before anything is sent when the
 *   contract refuses the input, `server-unreachable` without a response, `cancelled` when `signal` was aborted,
 *   `internal` when the response is not one of ours
 */
export async function call<I extends z.ZodObject, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  input: z.output<I>,
  { transport, ...options }: CallOptions = {},
): Promise<z.output<O>> {
  // Text that a user typed gets here, such as an empty ref or a name with control characters.
  const encoded = z.safeEncode(endpoint.input, input)
  if (!encoded.success) throw invalidInputError(encoded.error, { input })
  const { response, body } = await request(
    endpoint,
    { ...encoded.data },
    options,
    transport && ((url, init) => transport(endpoint, url, init)),
  )
  return parseOutput(endpoint, response, body)
}

/** @throws {AppError} internal when the body is not an output of the endpoint */
export function parseOutput<O extends z.ZodType>(
  { output: shape }: Pick<Endpoint<z.ZodObject, O>, 'output'>,
  response: Response,
  body: unknown,
): z.output<O> {
  const output = shape.safeParse(body)
  if (output.success) return output.data
  throw unreadableResponseError(response, output.error)
}
