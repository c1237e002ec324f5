import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/exact-json'
import type { Json, JsonObject } from '@/lib/iceberg/types'
import type { Role } from '@/lib/permissions'
import { makeToken } from '@/server/auth/tokens'
import { findUser } from '@/server/db/users'
import { OPERATIONS } from '@/server/iceberg-rest/operations'
import { routeOf } from '@/server/iceberg-rest/routes'
import { signInAs } from './test-home'

export type RestReply = { status: number; body: JsonObject; headers: Headers }
/** `rawBody` goes out as it is, for what no serializer of ours would write. */
type Sent = { body?: Json; rawBody?: string; headers?: Record<string, string>; token?: string | null }

/**
 * Asks the Iceberg REST catalog's route handlers as a client would, with no network between: the address is matched
 * to its route and its parts are decoded as Next does.
 */
export function restClient(token: string | null) {
  return async (
    method: string,
    path: string,
    { body, rawBody, headers = {}, ...sent }: Sent = {},
  ): Promise<RestReply> => {
    const url = new URL(`http://localhost:3000/iceberg/v1/${path}`)
    const bearer = sent.token === undefined ? token : sent.token
    const text = body === undefined ? rawBody : stringifyExactJson(body)
    const request = new Request(url, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    const { route, params } = matched(url.pathname.slice('/iceberg'.length))
    const handlers = routeOf(route)
    const response = await handlers[method as keyof typeof handlers](request, { params: Promise.resolve(params) })
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
export async function restClientAs(role: Role): Promise<RestClient> {
  const owner = findUser((await signInAs(role)).userId)
  if (!owner) throw new Error('the person who was made is not there')
  const { text } = await makeToken({ owner, name: 'engine', role, days: 1 }, { actor: owner, requestId: null })
  return restClient(text)
}

function matched(pathname: string) {
  const parts = pathname.split('/')
  for (const { path } of Object.values(OPERATIONS)) {
    const names = path.split('/')
    if (names.length !== parts.length) continue
    const isMatch = names.every((name, index) => name.startsWith('{') || name === parts[index])
    if (!isMatch) continue
    const params = names.flatMap((name, index) =>
      name.startsWith('{') ? [[name.slice(1, -1), decodeURIComponent(parts[index] ?? '')] as const] : [],
    )
    return { route: path, params: Object.fromEntries(params) }
  }
  throw new Error(`no operation has the address ${pathname}`)
}
