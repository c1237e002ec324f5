import 'server-only'
import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Permission, Resource } from '@/lib/permissions'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CatalogPages } from '@/server/catalog/port/catalog-lists'
import { requestIdOf, type RestRequest, withCommonHeaders } from '@/server/http/handle-request'
import type { Change, Database } from '@/server/db/database'
import type { Config } from '@/server/config/config'
import type { Services } from '@/server/services'
import type { ClientUses } from '@/server/table/client-uses'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { errorReply } from './error-model'
import { createIdempotentRequest, type StoredResponse } from './idempotent-request'
import type { Operation } from './operations'
import { readTarget } from './refused-target'
import { enforceRequestLimits } from './request-limits'
import { RestReply } from './rest-reply'
import { type RestInput, type RestParams, readInput } from './request-input'
import type { Json } from '@/lib/iceberg/json/json'
import { clock } from '@/server/timing/clock'

/** The result of an operation: JSON (200 by default), parts of JSON text, or nothing (204). */
export type OperationResult = {
  status?: 200 | 204 | 304
  json?: Json
  /** Parts of a JSON text, in order. */
  jsonParts?: readonly (string | Uint8Array)[]
  headers?: Readonly<Record<string, string>>
}

export type OperationContext = {
  config: Config
  database: Database
  manifestCache: ManifestCache
  clientUses: ClientUses
  actor: Actor
  catalog: CatalogClient & { pages: CatalogPages }
  headers: Headers
  signal: AbortSignal
  requestId: string
  /** Rows of the idempotency key with the response, to write in the transaction of the work. */
  idempotencyChanges: (response?: StoredResponse) => Change[]
  /**
   * Writes those rows on their own when the work changed nothing. Otherwise a later repetition might undo another
   * change.
   */
  storeIdempotencyKey: (response?: StoredResponse) => Promise<void>
}

export type OperationHandler = (input: RestInput, context: OperationContext) => Promise<OperationResult>

/** Permissions beyond those of the path: for names in the body, and for changes that need more. */
export type ExtraPermissions = (
  input: RestInput,
) => readonly { permission: Permission; resource: Resource; isNew?: boolean }[]

export type OperationHooks = {
  extraPermissions?: ExtraPermissions
  /** Builds the response to a repeated request when the stored response is a metadata location. */
  replay?: Replay
}

export type Replay = (metadataLocation: string, input: RestInput, context: OperationContext) => Promise<OperationResult>

export type RouteContext = { params: Promise<RestParams> }

/**
 * Builds the handler of an operation: it authenticates the token, parses the input, checks the permissions, does the
 * work, and turns any error into the specification's error. It ignores cookies, so no other site can use a browser's
 * session.
 */
export function serveOperation(
  services: Services,
  operation: Operation,
  work: OperationHandler,
  { extraPermissions = () => [], replay }: OperationHooks = {},
) {
  return async (request: RestRequest, context: RouteContext): Promise<RestReply> => {
    const requestId = requestIdOf(request)
    const startedAtMs = clock.elapsedMs()
    const { isWrite } = operation
    let caller: Actor | null = null
    let target: ReturnType<typeof readTarget> = { on: {}, tableCount: 1 }
    let isParsed = false
    let reply: RestReply
    try {
      const actor = await authenticateBearer(services, request)
      caller = actor
      const input = await readInput(request, await context.params)
      isParsed = true
      enforceRequestLimits(operation, input)
      target = readTarget(input)
      requirePermissions(actor, operation, input, extraPermissions)
      const opened = await services.catalogs.open(input.catalog, actor)
      const { pages } = opened
      if (opened.kind !== 'embedded' || pages === undefined) throw unknownCatalogError(input.catalog)
      const catalog = { ...opened, pages }
      const idempotency = createIdempotentRequest(services, operation, request, input, actor)
      const idempotencyChanges = (response?: StoredResponse) => idempotency?.changes(response) ?? []
      const storeIdempotencyKey = async (response?: StoredResponse) => idempotency?.store(response)
      const { headers, signal } = request
      const { config, database, manifestCache, clientUses } = services
      const operationContext = {
        config,
        database,
        manifestCache,
        clientUses,
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
        if (!replay) throw new Error(`${operation.id} stores a metadata location as its response but has no replay`)
        return replay(stored.metadataLocation, input, operationContext)
      }
      reply = toReply(await (idempotency ? idempotency.runOnce(run, replayStored) : run()))
    } catch (error) {
      const { signal } = request
      if (caller !== null && isWrite) {
        await services.refusals.recordRequest(error, {
          actor: caller,
          operation: operation.id,
          ...target,
          requestId,
        })
      }
      reply = errorReply(services.log, error, {
        requestId,
        operation: operation.id,
        userId: caller?.userId ?? null,
        isWrite,
        isParsed,
        signal,
      })
    }
    const log = isWrite ? services.log.info : services.log.debug
    log('request', {
      endpoint: `${operation.method} /iceberg${operation.path}`,
      status: reply.status,
      durationMs: Math.round(clock.elapsedMs() - startedAtMs),
      requestId,
      userId: caller?.userId ?? null,
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
  const resource = resourceOf(input)
  const extra = extraPermissions(input)
  // When only the body names the tables, their permissions count.
  if (permission !== 'signed-in' && (extra.length === 0 || input.namespace.length > 0)) {
    requirePermission(actor, permission, resource)
  }
  for (const { permission: needed, resource: on, isNew = false } of extra)
    requirePermission(actor, needed, on, { isNew })
}

function resourceOf({ catalog, namespace, name }: RestInput): Resource {
  return { catalog, ...(namespace.length > 0 && { namespace }), ...(name !== '' && { table: name }) }
}

export function toReply({ status = 200, json, jsonParts, headers }: OperationResult): RestReply {
  if (status !== 200) return new RestReply(status, { ...headers })
  return new RestReply(
    200,
    { 'content-type': 'application/json', ...headers },
    jsonParts ?? [stringifyExactJson(json ?? {})],
  )
}

/** The body of a response, to store for repeated requests. */
export function resultText(result: OperationResult): string {
  return Buffer.concat(toReply(result).parts).toString()
}

export function unknownCatalogError(name: string): AppError {
  return new AppError('not-found', `There is no catalog named ${name} here.`, { facts: { missing: 'warehouse' } })
}
