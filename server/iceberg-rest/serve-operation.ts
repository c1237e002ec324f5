import 'server-only'
import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Permission, Resource } from '@/lib/permissions'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { authenticateBearer } from '@/server/auth/tokens/authenticate-bearer'
import type { CatalogClient, CatalogPages } from '@/server/catalog/catalog-client'
import { requestIdOf, type RestRequest, withCommonHeaders } from '@/server/http/handle-request'
import type { Change, Database } from '@/server/db/database'
import type { Config } from '@/server/config/config'
import type { Services } from '@/server/services'
import { errorReply } from './error-model'
import { createIdempotentRequest, type StoredResponse } from './idempotent-request'
import type { Operation } from './operations'
import { RestReply } from './rest-reply'
import { type RestInput, type RestParams, readInput } from './request-input'
import type { Json } from '@/lib/iceberg/json/json'

/** What an operation answers: JSON (200 unless said), text that is JSON already, or nothing (204). */
export type OperationResult = {
  status?: 200 | 204 | 304
  json?: Json
  /** Parts of a JSON text, written one after another. */
  jsonParts?: readonly (string | Uint8Array)[]
  headers?: Readonly<Record<string, string>>
}

export type OperationContext = {
  config: Config
  database: Database
  actor: Actor
  catalog: CatalogClient & { pages: CatalogPages }
  headers: Headers
  signal: AbortSignal
  requestId: string
  /** Rows of the idempotency key, to be written in the transaction of the work, with what it is answered with. */
  idempotencyChanges: (response?: StoredResponse) => Change[]
  /** Writes those rows by themselves where the work changed nothing: done again later, it might undo somebody's change. */
  storeIdempotencyKey: (response?: StoredResponse) => Promise<void>
}

export type OperationHandler = (input: RestInput, context: OperationContext) => Promise<OperationResult>

/** What is asked for beyond what the path names: names in a body, and changes that need more. */
export type ExtraPermissions = (input: RestInput) => readonly { permission: Permission; on: Resource }[]

export type OperationHooks = {
  extraPermissions?: ExtraPermissions
  /** Answers a request with an idempotency key that was done before, where a metadata file is kept of its answer. */
  replay?: Replay
}

export type Replay = (metadataLocation: string, input: RestInput, context: OperationContext) => Promise<OperationResult>

export type RouteContext = { params: Promise<RestParams> }

/**
 * What answers an operation of the specification: whose token is it, is the input sound, may they, do
 * the work, and turn any failure into the specification's error. Cookies are never looked at, so no other site can
 * make a browser ask here.
 */
export function serveOperation(
  services: Services,
  operation: Operation,
  work: OperationHandler,
  { extraPermissions = () => [], replay }: OperationHooks = {},
) {
  return async (request: RestRequest, context: RouteContext): Promise<RestReply> => {
    const requestId = requestIdOf(request)
    const startedAtMs = performance.now()
    const isWrite = operation.method === 'POST' || operation.method === 'DELETE'
    let userId: string | null = null
    let isParsed = false
    let reply: RestReply
    try {
      const actor = await authenticateBearer(services, request)
      userId = actor.userId
      const input = await readInput(request, await context.params)
      isParsed = true
      requirePermissions(actor, operation, input, extraPermissions)
      const opened = await services.catalogs.open(input.catalog, actor)
      const { pages } = opened
      if (opened.kind !== 'embedded' || pages === undefined) throw unknownCatalogError(input.catalog)
      const catalog = { ...opened, pages }
      const idempotency = createIdempotentRequest(services, operation, request, input, actor)
      const idempotencyChanges = (response?: StoredResponse) => idempotency?.changes(response) ?? []
      const storeIdempotencyKey = async (response?: StoredResponse) => idempotency?.store(response)
      const { headers, signal } = request
      const { config, database } = services
      const operationContext = {
        config,
        database,
        actor,
        catalog,
        headers,
        signal,
        requestId,
        idempotencyChanges,
        storeIdempotencyKey,
      }
      const run = () => work(input, operationContext)
      const replayStored = async (stored: StoredResponse): Promise<OperationResult> => {
        if (stored === null) return { status: 204 }
        if ('text' in stored) return { jsonParts: [stored.text] }
        if (!replay)
          throw new Error(`${operation.id} keeps a metadata file of its answer and does not tell of it again`)
        return replay(stored.metadataLocation, input, operationContext)
      }
      reply = toReply(await (idempotency ? idempotency.runOnce(run, replayStored) : run()))
    } catch (error) {
      const { signal } = request
      reply = errorReply(services.log, error, { requestId, operation: operation.id, userId, isWrite, isParsed, signal })
    }
    const log = isWrite ? services.log.info : services.log.debug
    log('request', {
      endpoint: `${operation.method} /iceberg${operation.path}`,
      status: reply.status,
      durationMs: Math.round(performance.now() - startedAtMs),
      requestId,
      userId,
    })
    return withCommonHeaders(reply, requestId)
  }
}

function requirePermissions(
  actor: Actor,
  { permission }: Operation,
  input: RestInput,
  extraPermissions: ExtraPermissions,
) {
  if (permission === 'none') throw new Error('an operation without permission is not served here')
  const { catalog, namespace, name } = input
  const resource = { catalog, ...(namespace.length > 0 && { namespace }), ...(name !== '' && { table: name }) }
  const extra = extraPermissions(input)
  // Where only the body names the tables, they are what is asked for.
  if (permission !== 'signed-in' && (extra.length === 0 || namespace.length > 0)) {
    requirePermission(actor, permission, resource)
  }
  for (const { permission: needed, on } of extra) requirePermission(actor, needed, on)
}

export function toReply({ status = 200, json, jsonParts, headers }: OperationResult): RestReply {
  if (status !== 200) return new RestReply(status, { ...headers })
  return new RestReply(
    200,
    { 'content-type': 'application/json', ...headers },
    jsonParts ?? [stringifyExactJson(json ?? {})],
  )
}

/** The body of an answer, to be kept for a request that comes again. */
export function resultText(result: OperationResult): string {
  return Buffer.concat(toReply(result).parts).toString()
}

export function unknownCatalogError(name: string): AppError {
  return new AppError('not-found', `There is no catalog named ${name} here.`, { facts: { missing: 'warehouse' } })
}
