import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/exact-json'
import type { Json, JsonObject } from '@/lib/iceberg/types'
import type { Role } from '@/lib/permissions'
import { makeToken } from '@/server/auth/tokens'
import { findUser } from '@/server/db/users'
import type { Services } from '@/server/services'
import { answerRest } from './rest-routes'
import { signInAs } from './test-home'

export type RestReply = { status: number; body: JsonObject; headers: Headers }
/** `rawBody` goes out as it is, for what no serializer of ours would write. */
type Sent = {
  body?: Json
  rawBody?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  token?: string | null
}

/** Asks the Iceberg REST catalog's route handlers as a client would, with no network between. */
export function restClient(services: Services, token: string | null) {
  return async (
    method: string,
    path: string,
    { body, rawBody, headers = {}, ...sent }: Sent = {},
  ): Promise<RestReply> => {
    const bearer = sent.token === undefined ? token : sent.token
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
    const response = await answerRest(services, request)
    const answer = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (answer ? parseExactJson(answer) : {}) as JsonObject,
    }
  }
}
export type RestClient = ReturnType<typeof restClient>

/** A client with a new person's token of this role. */
export async function restClientAs(services: Services, role: Role): Promise<RestClient> {
  return restClient(services, await restTokenAs(services, role))
}

/** A new person's token of this role. */
export async function restTokenAs(
  services: Pick<Services, 'config' | 'database' | 'keys'>,
  role: Role,
): Promise<string> {
  const owner = await findUser(services.database, (await signInAs(services, role)).userId)
  if (!owner) throw new Error('the person who was made is not there')
  const { text } = await makeToken(
    services.database,
    { owner, name: 'engine', role, days: 7 },
    { actor: owner, requestId: null },
  )
  return text
}
