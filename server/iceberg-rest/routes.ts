import 'server-only'
import { AppError } from '@/lib/errors'
import { actorOfBearer } from '@/server/auth/bearer'
import { type RequestHead, requestIdOf, type RestRequest, withCommonHeaders } from '@/server/http/answer'
import { isWellEncoded } from '@/server/http/well-encoded'
import { catalogConfig } from './catalog-config'
import { loadCredentials } from './credentials'
import { errorReply } from './error-model'
import { reportMetrics } from './metrics-report'
import * as namespaces from './namespaces'
import { answerTokenRequest } from './oauth-token'
import { OPERATIONS, type Operation } from './operations'
import { RestReply } from './rest-reply'
import { replyOf, type RouteContext, serveOperation } from './serve-operation'
import { needsOfSigning, signRequest } from './sign-request'
import * as tables from './tables'
import * as views from './views'

type Handler = (request: RestRequest, context: RouteContext) => Promise<RestReply>
type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = (typeof METHODS)[number]

const {
  createdTable,
  needsOfRegister,
  needsOfRename,
  needsOfTransaction,
  needsOfUpdate,
  unregisteredTable,
  updatedTable,
  commitTransaction,
} = tables

/** What serves each operation. */
const HANDLERS: Record<keyof typeof OPERATIONS, Handler> = {
  getConfig,
  getToken,

  listNamespaces: serveOperation(OPERATIONS.listNamespaces, namespaces.listNamespaces),
  createNamespace: serveOperation(OPERATIONS.createNamespace, namespaces.createNamespace, {
    needs: namespaces.needsOfCreation,
  }),
  loadNamespaceMetadata: serveOperation(OPERATIONS.loadNamespaceMetadata, namespaces.loadNamespaceMetadata),
  namespaceExists: serveOperation(OPERATIONS.namespaceExists, namespaces.namespaceExists),
  dropNamespace: serveOperation(OPERATIONS.dropNamespace, namespaces.dropNamespace),
  updateProperties: serveOperation(OPERATIONS.updateProperties, namespaces.updateProperties),

  listTables: serveOperation(OPERATIONS.listTables, tables.listTables),
  createTable: serveOperation(OPERATIONS.createTable, tables.createTable, { replay: createdTable }),
  registerTable: serveOperation(OPERATIONS.registerTable, tables.registerTable, {
    needs: needsOfRegister,
    replay: createdTable,
  }),
  loadTable: serveOperation(OPERATIONS.loadTable, tables.loadTable),
  tableExists: serveOperation(OPERATIONS.tableExists, tables.tableExists),
  updateTable: serveOperation(OPERATIONS.updateTable, tables.updateTable, {
    needs: needsOfUpdate,
    replay: updatedTable,
  }),
  dropTable: serveOperation(OPERATIONS.dropTable, tables.dropTable),
  unregisterTable: serveOperation(OPERATIONS.unregisterTable, tables.unregisterTable, { replay: unregisteredTable }),
  loadCredentials: serveOperation(OPERATIONS.loadCredentials, loadCredentials),
  signRequest: serveOperation(OPERATIONS.signRequest, signRequest, { needs: needsOfSigning }),
  reportMetrics: serveOperation(OPERATIONS.reportMetrics, reportMetrics),
  renameTable: serveOperation(OPERATIONS.renameTable, tables.renameTable, { needs: needsOfRename }),
  commitTransaction: serveOperation(OPERATIONS.commitTransaction, commitTransaction, { needs: needsOfTransaction }),

  listViews: serveOperation(OPERATIONS.listViews, views.listViews),
  createView: serveOperation(OPERATIONS.createView, views.createView),
  registerView: serveOperation(OPERATIONS.registerView, views.registerView),
  loadView: serveOperation(OPERATIONS.loadView, views.loadView),
  viewExists: serveOperation(OPERATIONS.viewExists, views.viewExists),
  replaceView: serveOperation(OPERATIONS.replaceView, views.replaceView),
  dropView: serveOperation(OPERATIONS.dropView, views.dropView),
  renameView: serveOperation(OPERATIONS.renameView, views.renameView, { needs: needsOfRename }),
}

/**
 * The handlers of a path for every method: those of its operations, and a refusal in the specification's words for
 * the others.
 *
 * Next's routes answer by these; the web server, which sends the bytes as they are, by `handlerAt`.
 */
export function routeOf(path: Operation['path']): Record<Method, RouteHandler> {
  return asRoutes(handlersOf(path))
}

function handlersOf(path: Operation['path']): Record<Method, Handler> {
  const answered = new Map<string, Handler>()
  for (const [id, operation] of Object.entries(OPERATIONS)) {
    if (operation.path === path) answered.set(operation.method, HANDLERS[id as keyof typeof OPERATIONS])
  }
  const refuse = refusingMethod(path)
  return Object.fromEntries(METHODS.map((method) => [method, answered.get(method) ?? refuse])) as Record<
    Method,
    Handler
  >
}

function refusingMethod(path: Operation['path']) {
  const operations = Object.values(OPERATIONS).filter((operation) => operation.path === path)
  const allow = operations.map(({ method }) => method).join(', ')
  if (allow === '') throw new Error(`no operation has the path ${path}`)
  return refusing(new AppError('method-not-allowed', `This address takes ${allow}.`), { allow })
}

/** Routes by the segments of their path; a parameter stands in braces. */
const ROUTES = [...new Set(Object.values(OPERATIONS).map(({ path }) => path))].map((path) => ({
  segments: path.split('/').slice(1),
  handlers: handlersOf(path),
  refuse: refusingMethod(path),
}))

/** Few routes have as many segments as one another, so that an address is compared with few. */
const ROUTES_BY_LENGTH = Map.groupBy(ROUTES, ({ segments }) => segments.length)

function routeAt(segments: readonly string[]): (typeof ROUTES)[number] | undefined {
  return ROUTES_BY_LENGTH.get(segments.length)?.find((route) => isAt(route.segments, segments))
}

/**
 * The handler of an address below `/iceberg`, as Next would find it from `app/iceberg`, its parameters decoded alike.
 *
 * @param url as in the first line of a request
 * @returns null for an address that is none of the catalog's
 */
export function handlerAt(method: string, url: string): ((request: RestRequest) => Promise<RestReply>) | null {
  if (!isMethod(method)) return null
  const [pathname = ''] = url.split('?')
  const [, root, ...segments] = pathname.split('/')
  if (root !== 'iceberg') return null
  if (!isWellEncoded(pathname)) return MALFORMED
  const route = routeAt(segments)
  if (!route) return null
  const handler = route.handlers[method]
  const params = Object.fromEntries(
    route.segments.flatMap((name, index) =>
      name.startsWith('{') ? [[name.slice(1, -1), decodeURIComponent(segments[index] ?? '')] as const] : [],
    ),
  )
  return (request) => handler(request, { params: Promise.resolve(params) })
}

/**
 * What refuses a method that no operation has, such as TRACE or PROPFIND, at an address below `/iceberg`.
 *
 * @returns null for a method that an operation may have, and for an address that is none of the catalog's
 */
export function methodRefusalAt(method: string, url: string): ((head: RequestHead) => Promise<RestReply>) | null {
  if (isMethod(method)) return null
  const [pathname = ''] = url.split('?')
  const [, root, ...segments] = pathname.split('/')
  if (root !== 'iceberg') return null
  if (!isWellEncoded(pathname)) return MALFORMED
  return routeAt(segments)?.refuse ?? NO_SUCH_ADDRESS
}

function isMethod(method: string): method is Method {
  return METHODS.includes(method as Method)
}

/** @param segments as many as there are names */
function isAt(names: readonly string[], segments: readonly string[]): boolean {
  return names.every((name, index) => (name.startsWith('{') ? segments[index] !== '' : name === segments[index]))
}

const NO_SUCH_ADDRESS = refusing(new AppError('not-found', 'The Iceberg REST catalog has no such address.'))

/** For an address at which there is nothing. */
export const UNKNOWN_ROUTE = asRoutes(everyMethod(NO_SUCH_ADDRESS))

function everyMethod(handler: Handler): Record<Method, Handler> {
  return Object.fromEntries(METHODS.map((method) => [method, handler])) as Record<Method, Handler>
}

/** As Next.js calls them. */
function asRoutes(handlers: Record<Method, Handler>): Record<Method, RouteHandler> {
  const routes = METHODS.map((method): [Method, RouteHandler] => [
    method,
    async (request, context) => (await handlers[method](request, context)).toResponse(),
  ])
  return Object.fromEntries(routes) as Record<Method, RouteHandler>
}

const MALFORMED = refusing(new AppError('invalid-request', 'The address is not well encoded.'))

function refusing(error: AppError, headers: Record<string, string> = {}): (head: RequestHead) => Promise<RestReply> {
  return async (request) => {
    const requestId = requestIdOf(request)
    const operation = `${request.method} ${new URL(request.url).pathname}`
    const reply = errorReply(error, { requestId, operation, userId: null, isWrite: false, isRead: false })
    for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value)
    return withCommonHeaders(reply, requestId)
  }
}

/** Before there is a token; its errors are those of OAuth. */
async function getToken(request: RestRequest): Promise<RestReply> {
  const requestId = requestIdOf(request)
  return withCommonHeaders(await RestReply.of(await answerTokenRequest(request, requestId)), requestId)
}

/** Before there is a catalog in the path. */
async function getConfig(request: RestRequest): Promise<RestReply> {
  const requestId = requestIdOf(request)
  try {
    const actor = await actorOfBearer(request)
    const answer = await catalogConfig(new URL(request.url).searchParams.get('warehouse'), actor)
    return withCommonHeaders(replyOf(answer), requestId)
  } catch (error) {
    const told = { requestId, operation: 'getConfig', userId: null, isWrite: false, isRead: false }
    return withCommonHeaders(errorReply(error, told), requestId)
  }
}
