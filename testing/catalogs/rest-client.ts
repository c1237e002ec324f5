import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Role } from '@/lib/permissions'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findUser } from '@/server/db/auth/users'
import type { Services } from '@/server/services'
import { handleRestRequest } from './handle-rest-request'
import { signInAs } from '@/testing/homes/test-home'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

export type RestReply = { status: number; body: JsonObject; headers: Headers }
/** `rawBody` is sent unchanged, for bodies that our serializer would not produce. */
type RequestOptions = {
  body?: Json
  rawBody?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  token?: string | null
}

/** Calls the Iceberg REST catalog's route handlers as a client would, without a network. */
export function createRestClient(services: Services, token: string | null) {
  return async (
    method: string,
    path: string,
    { body, rawBody, headers = {}, ...options }: RequestOptions = {},
  ): Promise<RestReply> => {
    const bearer = options.token === undefined ? token : options.token
    const text = body === undefined ? rawBody : stringifyExactJson(body)
    const request = new Request(`http://localhost:3000/iceberg/v1/${path}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    const response = await handleRestRequest(services, request)
    const responseText = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (responseText ? parseExactJson(responseText) : {}) as JsonObject,
    }
  }
}
export type RestClient = ReturnType<typeof createRestClient>

/** A client with a token of a new user with this role. */
export async function createRestClientAs(services: Services, role: Role): Promise<RestClient> {
  return createRestClient(services, await createRestTokenAs(services, role))
}

/** A token of a new user with this role. */
export async function createRestTokenAs(
  services: Pick<Services, 'config' | 'database' | 'keys'>,
  role: Role,
): Promise<string> {
  const owner = await findUser(services.database, (await signInAs(services, role)).userId)
  if (!owner) throw new Error('the new user does not exist')
  const { text } = await issueToken(
    services.database,
    { owner, name: 'engine', role, days: 7 },
    { actor: owner, requestId: null },
  )
  return text
}
