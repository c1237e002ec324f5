import 'server-only'
import { AppError } from '@/lib/errors'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import { type RequestHead, requestIdOf, type RestRequest, withCommonHeaders } from '@/server/http/handle-request'
import { isWellEncoded } from '@/server/http/request/well-encoded'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'
import { readCatalogConfig } from './catalog-config'
import { loadCredentials } from './credentials'
import { errorReply } from './error-model'
import { reportMetrics } from './metrics-report'
import * as namespaces from './namespaces'
import { serveTokenRequest } from './oauth-token'
import { OPERATIONS, type Operation } from './operations'
import { cancelPlanning, fetchPlanningResult, fetchScanTasks, planTableScan } from './planning/plan-table-scan'
import { enforceRequestLimits } from './request-limits'
import { RestReply } from './rest-reply'
import { toReply, type RouteContext, serveOperation } from './serve-operation'
import { permissionsToSign, signRequest } from './sign-request'
import * as tables from './tables'
import * as views from './views'

type Handler = (request: RestRequest, context: RouteContext) => Promise<RestReply>
type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = (typeof METHODS)[number]

const {
  replayCreatedTable,
  permissionsToRegister,
  permissionsToRename,
  permissionsForTransaction,
  permissionsToUpdate,
  replayUnregisteredTable,
  replayUpdatedTable,
  commitTransaction,
} = tables

/** The handler of each operation. */
function createHandlers(services: Services): Record<keyof typeof OPERATIONS, Handler> {
  return {
    getConfig: (request) => getConfig(services, request),
    getToken: (request) => getToken(services, request),

    listNamespaces: serveOperation(services, OPERATIONS.listNamespaces, namespaces.listNamespaces),
    createNamespace: serveOperation(services, OPERATIONS.createNamespace, namespaces.createNamespace, {
      extraPermissions: namespaces.permissionsToCreate,
    }),
    loadNamespaceMetadata: serveOperation(services, OPERATIONS.loadNamespaceMetadata, namespaces.loadNamespaceMetadata),
    namespaceExists: serveOperation(services, OPERATIONS.namespaceExists, namespaces.namespaceExists),
    dropNamespace: serveOperation(services, OPERATIONS.dropNamespace, namespaces.dropNamespace),
    updateProperties: serveOperation(services, OPERATIONS.updateProperties, namespaces.updateProperties),

    listTables: serveOperation(services, OPERATIONS.listTables, tables.listTables),
    createTable: serveOperation(services, OPERATIONS.createTable, tables.createTable, { replay: replayCreatedTable }),
    registerTable: serveOperation(services, OPERATIONS.registerTable, tables.registerTable, {
      extraPermissions: permissionsToRegister,
      replay: replayCreatedTable,
    }),
    loadTable: serveOperation(services, OPERATIONS.loadTable, tables.loadTable),
    tableExists: serveOperation(services, OPERATIONS.tableExists, tables.tableExists),
    updateTable: serveOperation(services, OPERATIONS.updateTable, tables.updateTable, {
      extraPermissions: permissionsToUpdate,
      replay: replayUpdatedTable,
    }),
    dropTable: serveOperation(services, OPERATIONS.dropTable, tables.dropTable),
    unregisterTable: serveOperation(services, OPERATIONS.unregisterTable, tables.unregisterTable, {
      replay: replayUnregisteredTable,
    }),
    loadCredentials: serveOperation(services, OPERATIONS.loadCredentials, loadCredentials),
    signRequest: serveOperation(services, OPERATIONS.signRequest, signRequest, { extraPermissions: permissionsToSign }),
    planTableScan: serveOperation(services, OPERATIONS.planTableScan, planTableScan),
    fetchPlanningResult: serveOperation(services, OPERATIONS.fetchPlanningResult, fetchPlanningResult),
    cancelPlanning: serveOperation(services, OPERATIONS.cancelPlanning, cancelPlanning),
    fetchScanTasks: serveOperation(services, OPERATIONS.fetchScanTasks, fetchScanTasks),
    reportMetrics: serveOperation(services, OPERATIONS.reportMetrics, reportMetrics),
    renameTable: serveOperation(services, OPERATIONS.renameTable, tables.renameTable, {
      extraPermissions: permissionsToRename,
    }),
    commitTransaction: serveOperation(services, OPERATIONS.commitTransaction, commitTransaction, {
      extraPermissions: permissionsForTransaction,
    }),

    listViews: serveOperation(services, OPERATIONS.listViews, views.listViews),
    createView: serveOperation(services, OPERATIONS.createView, views.createView),
    registerView: serveOperation(services, OPERATIONS.registerView, views.registerView),
    loadView: serveOperation(services, OPERATIONS.loadView, views.loadView),
    viewExists: serveOperation(services, OPERATIONS.viewExists, views.viewExists),
    replaceView: serveOperation(services, OPERATIONS.replaceView, views.replaceView),
    dropView: serveOperation(services, OPERATIONS.dropView, views.dropView),
    renameView: serveOperation(services, OPERATIONS.renameView, views.renameView, {
      extraPermissions: permissionsToRename,
    }),
  }
}

/** The REST catalog's routes, for Next's routes and for the web server. */
export type RestRoutes = {
  /**
   * The handlers of a path for every method: those of its operations, and for other methods a refusal in the
   * specification's format. Next's routes use these.
   */
  routeFor(path: Operation['path']): Record<Method, RouteHandler>
  /** Handlers for a URL that does not exist. */
  unknownRoute: Record<Method, RouteHandler>
  /**
   * The handler of a URL below `/iceberg`, found and decoded as Next does from `app/iceberg`. The web server uses it to
   * send the bytes without copying.
   *
   * @param url the request target, as in the first line of a request
   * @returns null for a URL outside the catalog
   */
  findHandler(method: string, url: string): ((request: RestRequest) => Promise<RestReply>) | null
  /**
   * The handler that refuses a method that no operation uses, such as TRACE or PROPFIND, at a URL below `/iceberg`.
   *
   * @returns null for a method that an operation may use, and for a URL outside the catalog
   */
  findMethodRefusal(method: string, url: string): ((head: RequestHead) => Promise<RestReply>) | null
}

export function createRestRoutes(services: Services): RestRoutes {
  const { log } = services
  const operations = createHandlers(services)
  const refuseUnknown = refusalHandler(log, new AppError('not-found', 'The Iceberg REST catalog has no such endpoint.'))
  const refuseMalformed = refusalHandler(
    log,
    new AppError('invalid-request', 'The URL is not correctly percent-encoded.'),
  )
  /** Routes with the segments of their path; parameters are in braces. */
  const routes = [...new Set(Object.values(OPERATIONS).map(({ path }) => path))].map((path) => ({
    path,
    segments: path.split('/').slice(1),
    handlers: handlersByMethod(log, operations, path),
    refuse: methodRefusal(log, path),
  }))
  /** Few routes have the same number of segments, so each URL is compared with only a few. */
  const byLength = Map.groupBy(routes, ({ segments }) => segments.length)
  const findRoute = (segments: readonly string[]) =>
    byLength.get(segments.length)?.find((route) => isMatch(route.segments, segments))
  return {
    routeFor(path) {
      const route = routes.find((candidate) => candidate.path === path)
      if (!route) throw new Error(`no operation has the path ${path}`)
      return toRouteHandlers(route.handlers)
    },
    unknownRoute: toRouteHandlers(forEveryMethod(refuseUnknown)),
    findHandler(method, url) {
      if (!isMethod(method)) return null
      const [pathname = ''] = url.split('?')
      const [, root, ...segments] = pathname.split('/')
      if (root !== 'iceberg') return null
      if (!isWellEncoded(pathname)) return refuseMalformed
      const route = findRoute(segments)
      if (!route) return null
      const handler = route.handlers[method]
      const params = Object.fromEntries(
        route.segments.flatMap((name, index) =>
          name.startsWith('{') ? [[name.slice(1, -1), decodeURIComponent(segments[index] ?? '')] as const] : [],
        ),
      )
      return (request) => handler(request, { params: Promise.resolve(params) })
    },
    findMethodRefusal(method, url) {
      if (isMethod(method)) return null
      const [pathname = ''] = url.split('?')
      const [, root, ...segments] = pathname.split('/')
      if (root !== 'iceberg') return null
      if (!isWellEncoded(pathname)) return refuseMalformed
      return findRoute(segments)?.refuse ?? refuseUnknown
    },
  }
}

function handlersByMethod(
  log: Log,
  handlers: Record<keyof typeof OPERATIONS, Handler>,
  path: Operation['path'],
): Record<Method, Handler> {
  const served = new Map<string, Handler>()
  for (const [id, operation] of Object.entries(OPERATIONS)) {
    if (operation.path === path) served.set(operation.method, handlers[id as keyof typeof OPERATIONS])
  }
  const refuse = methodRefusal(log, path)
  return Object.fromEntries(METHODS.map((method) => [method, served.get(method) ?? refuse])) as Record<Method, Handler>
}

function methodRefusal(log: Log, path: Operation['path']) {
  const operations = Object.values(OPERATIONS).filter((operation) => operation.path === path)
  const allow = operations.map(({ method }) => method).join(', ')
  if (allow === '') throw new Error(`no operation has the path ${path}`)
  return refusalHandler(log, new AppError('method-not-allowed', `This endpoint supports ${allow}.`), { allow })
}

function isMethod(method: string): method is Method {
  return METHODS.includes(method as Method)
}

/** @param segments the same number as `names` */
function isMatch(names: readonly string[], segments: readonly string[]): boolean {
  return names.every((name, index) => (name.startsWith('{') ? segments[index] !== '' : name === segments[index]))
}

function forEveryMethod(handler: Handler): Record<Method, Handler> {
  return Object.fromEntries(METHODS.map((method) => [method, handler])) as Record<Method, Handler>
}

/** Wraps handlers for Next.js. */
function toRouteHandlers(handlers: Record<Method, Handler>): Record<Method, RouteHandler> {
  const routes = METHODS.map((method): [Method, RouteHandler] => [
    method,
    async (request, context) => (await handlers[method](request, context)).toResponse(),
  ])
  return Object.fromEntries(routes) as Record<Method, RouteHandler>
}

function refusalHandler(
  log: Log,
  error: AppError,
  headers: Record<string, string> = {},
): (head: RequestHead) => Promise<RestReply> {
  return async (request) => {
    const requestId = requestIdOf(request)
    const operation = `${request.method} ${new URL(request.url).pathname}`
    const reply = errorReply(log, error, { requestId, operation, userId: null, isWrite: false, isParsed: false })
    for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value)
    return withCommonHeaders(reply, requestId)
  }
}

/** Needs no token. Its errors follow OAuth. */
async function getToken(services: Services, request: RestRequest): Promise<RestReply> {
  const requestId = requestIdOf(request)
  return withCommonHeaders(
    await RestReply.fromResponse(await serveTokenRequest(services, request, requestId)),
    requestId,
  )
}

/** Its path names no catalog yet. */
async function getConfig(services: Services, request: RestRequest): Promise<RestReply> {
  const requestId = requestIdOf(request)
  try {
    const actor = await authenticateBearer(services, request)
    const query = new URL(request.url).searchParams
    enforceRequestLimits(OPERATIONS.getConfig, { query, planId: '', body: null })
    const result = await readCatalogConfig(services, query.get('warehouse'), actor)
    return withCommonHeaders(toReply(result), requestId)
  } catch (error) {
    const errorContext = { requestId, operation: 'getConfig', userId: null, isWrite: false, isParsed: false }
    return withCommonHeaders(errorReply(services.log, error, errorContext), requestId)
  }
}
