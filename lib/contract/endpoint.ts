import type { z } from 'zod'
import type { Permission, Resource } from '@/lib/permissions'

/** A response that is not JSON. */
type Stream = 'bytes' | 'events' | 'lines' | 'rows'

/**
 * One HTTP operation, described once. The server implements it, the browser calls it, and the OpenAPI document is
 * generated from it.
 *
 * `summary` is one sentence without a full stop; `description` has what else a client has to know.
 *
 * `input` has path, query and body fields together: fields named in `path` are sent there, the rest as the query (GET,
 * DELETE) or the JSON body (POST, PUT).
 *
 * `permission` is required on the resource that the input names (its fields `catalog`, `namespace`, `table`);
 * `resources` overrides this for endpoints that touch several. `'signed-in'` admits any user, `'browser-session'` any
 * user without a token. `allowsGeneratedPassword` admits a session whose user has to change a generated password first.
 * `output: 'bytes'` is served by `serveBytes` and read with `fetch`, as is `'lines'`, lines of JSON; `'events'` by
 * `serveEvents` and read with an `EventSource`; `'rows'` by `serveRows`, for programs.
 */
export type Endpoint<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType | Stream = z.ZodType | Stream,
> = {
  summary: string
  description?: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: `/api/v1/${string}`
  permission: Permission | 'signed-in' | 'browser-session'
  allowsGeneratedPassword?: true
  resources?(input: z.output<Input>): readonly Resource[]
  input: Input
  output: Output
}

export function endpoint<Input extends z.ZodObject, Output extends z.ZodType | Stream>(
  description: Endpoint<Input, Output>,
): Endpoint<Input, Output> {
  return description
}
