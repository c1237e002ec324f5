import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { AppError } from '@/lib/errors'
import type * as endpoints from './endpoints'
import { findReadForm, pageBuild, read } from './read'
import type { CallOptions } from './request'

/** Without those whose response is a stream. */
type Endpoints = {
  [Name in keyof typeof endpoints as (typeof endpoints)[Name] extends { path: string; output: z.ZodType }
    ? Name
    : never]: (typeof endpoints)[Name]
}
type EndpointName = keyof Endpoints

/** The input of the endpoint with this name. */
export type CallInput<Name extends EndpointName> = z.output<Endpoints[Name]['input']>

/**
 * Calls the endpoint with this name, as `call` does. The contract and zod are loaded with the first call that changes
 * something; pages read without them.
 *
 * @throws {AppError} as `call`; `server-unreachable` also when the contract cannot be loaded
 */
export async function callEndpoint<Name extends EndpointName>(
  name: Name,
  input: CallInput<Name>,
  options: CallOptions = {},
): Promise<z.output<Endpoints[Name]['output']>> {
  type Output = z.output<Endpoints[Name]['output']>
  const { transport, ...ownOptions } = options
  const form = transport === undefined && pageBuild() !== null ? findReadForm(name, input) : null
  if (form !== null) {
    const output = await read(form, input, ownOptions, async (response, body) => {
      const loaded = await loadEndpoints()
      const endpoint: Endpoint<z.ZodObject, z.ZodType> = loaded[name]
      return loaded.parseOutput(endpoint, response, body)
    })
    return output as Output
  }
  const loaded = await loadEndpoints()
  const endpoint: Endpoint<z.ZodObject, z.ZodType> = loaded[name]
  return loaded.call(endpoint, input, options) as Promise<Output>
}

let loading: Promise<typeof endpoints> | null = null

/** Loads the contract and zod. Calling it early makes the first call faster. A failure is not cached. */
export function loadEndpoints(): Promise<typeof endpoints> {
  loading ??= import('./endpoints').catch((cause: unknown) => {
    loading = null
    throw new AppError('server-unreachable', 'The server did not respond.', { cause })
  })
  return loading
}
