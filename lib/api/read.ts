import { BUILD_HEADER, BUILD_META } from '@/lib/contract/shapes/plain-values'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { EVENT_NAMESPACES, READ_FORMS, READ_PATHS } from './read-forms'
import { type CallOptions, request } from './request'

type Input = Readonly<Record<string, unknown>>

/** How an endpoint is read: its address, its fields, and the paths of namespaces in its output. */
type ReadForm = {
  method: 'GET' | 'POST'
  path: `/api/v1/${string}`
  pathFields: readonly string[]
  otherFields: readonly string[]
  namespaces: readonly string[]
}

/** The build of the console that this page is of; null outside pages, such as in workers and under `next dev`. */
export function pageBuild(): string | null {
  if (typeof document === 'undefined') return null
  return document.querySelector<HTMLMetaElement>(`meta[name="${BUILD_META}"]`)?.content ?? null
}

/**
 * How {@link read} can call an endpoint with this input; null if only the contract can. A part of the address that is
 * empty would be that of another endpoint, so the contract has to explain it.
 */
export function findReadForm(name: string, input: Input): ReadForm | null {
  if (!isReadName(name)) return null
  const [address, ...namespaces] = READ_FORMS[name]
  const [shortPath = '', query = ''] = address.replace('POST ', '').split('?')
  const path: ReadForm['path'] = `/api/v1/${shortPath.replace(/^\{\w+\}/, (beginning) => READ_PATHS[beginning as keyof typeof READ_PATHS])}`
  const pathFields = [...path.matchAll(/:(\w+)/g)].map(([, field = '']) => field)
  const isComplete = pathFields.every((field) => {
    const value = onWire(input[field])
    return typeof value === 'number' || (typeof value === 'string' && value !== '')
  })
  if (!isComplete) return null
  return {
    method: address.startsWith('POST ') ? 'POST' : 'GET',
    path,
    pathFields,
    otherFields: query === '' ? [] : query.split('&'),
    namespaces,
  }
}

/**
 * Calls an endpoint that reads, without the contract and zod, which would be 97 KB of script for a page that is only
 * looked at. The server validates input and output by the same contract. A response of another build than that of the
 * page is validated here, too.
 *
 * @param parse validates and decodes a body
 * @throws {AppError} as `call`; the server refuses an invalid input
 */
export async function read(
  { method, path, pathFields, otherFields, namespaces }: ReadForm,
  input: Input,
  options: Omit<CallOptions, 'transport'>,
  parse: (response: Response, body: unknown) => Promise<unknown>,
): Promise<unknown> {
  // As the contract does, it leaves out what an endpoint has no field for.
  const fields = {
    ...Object.fromEntries(pathFields.map((field) => [field, onWire(input[field])])),
    ...Object.fromEntries(otherFields.map((field) => [field, method === 'GET' ? onWire(input[field]) : input[field]])),
  }
  const { response, body } = await request({ method, path }, fields, options)
  if (response.headers.get(BUILD_HEADER) !== pageBuild()) return await parse(response, body)
  for (const steps of namespaces) splitNamespaces(body, steps.split('.'))
  return body
}

/**
 * The data of an event, as {@link read} takes the body of a response: an event of the page's own build is not
 * validated a second time.
 *
 * @param parse validates and decodes the data
 */
export async function readEvent(
  name: keyof typeof EVENT_NAMESPACES,
  data: { build?: unknown },
  parse: () => Promise<unknown>,
): Promise<unknown> {
  const build = pageBuild()
  if (build === null || data.build !== build) return await parse()
  for (const steps of EVENT_NAMESPACES[name]) splitNamespaces(data, steps.split('.'))
  return data
}

function isReadName(name: string): name is keyof typeof READ_FORMS {
  return Object.hasOwn(READ_FORMS, name)
}

function onWire(value: unknown): unknown {
  return Array.isArray(value) ? joinNamespace(value as string[]) : value
}

/** Replaces the joined namespaces at a path, such as `runs[].table.namespace`, by their levels. */
function splitNamespaces(node: unknown, [step = '', ...rest]: readonly string[]): void {
  if (typeof node !== 'object' || node === null) return
  const parent = node as Record<string, unknown>
  const key = step.replace('[]', '')
  const value = parent[key]
  if (step !== key) for (const item of Array.isArray(value) ? value : []) splitNamespaces(item, rest)
  else if (rest.length > 0) splitNamespaces(value, rest)
  else if (typeof value === 'string') parent[key] = splitNamespace(value)
}
