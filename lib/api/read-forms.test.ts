import { expect, test } from 'vitest'
import type * as z from 'zod'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import type { Endpoint } from '@/lib/contract/endpoint'
import * as called from './endpoints'
import { EVENT_NAMESPACES, READ_FORMS, READ_PATHS } from './read-forms'

type JsonEndpoint = Endpoint<z.ZodObject, z.ZodType>
type Definition = z.core.$ZodTypes['_zod']['def']

function definitionOf(schema: z.core.$ZodType): Definition {
  return (schema as z.ZodType).def as Definition
}

/** The paths of values that are not the same on the wire as in the program. */
function codecsIn(schema: z.core.$ZodType, path: string, parents: readonly z.core.$ZodType[] = []): string[] {
  // A type has fields with types.
  if (parents.includes(schema)) return []
  const inner = (next: z.core.$ZodType, nextPath = path) => codecsIn(next, nextPath, [...parents, schema])
  const def = definitionOf(schema)
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, value]) => inner(value, path === '' ? key : `${path}.${key}`))
    case 'array':
      return inner(def.element, `${path}[]`)
    case 'record':
      return inner(def.valueType, `${path}{}`)
    case 'union':
      return def.options.flatMap((option) => inner(option))
    case 'nullable':
    case 'optional':
    case 'readonly':
      return inner(def.innerType)
    case 'lazy':
      return inner(def.getter())
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'enum':
    case 'literal':
      return []
    case 'pipe':
      // A namespace is the only text that becomes a list.
      return [definitionOf(def.in).type === 'string' && definitionOf(def.out).type === 'readonly' ? path : `${path} ?`]
    default:
      throw new Error(`${path} is of the type ${def.type}, which read() does not know.`)
  }
}

/** Texts at a path that another alternative has a namespace at would be split, too. */
function textsIn(schema: z.core.$ZodType, path: string, parents: readonly z.core.$ZodType[] = []): string[] {
  if (parents.includes(schema)) return []
  const inner = (next: z.core.$ZodType, nextPath = path) => textsIn(next, nextPath, [...parents, schema])
  const def = definitionOf(schema)
  if (def.type === 'object')
    return Object.entries(def.shape).flatMap(([key, value]) => inner(value, path === '' ? key : `${path}.${key}`))
  if (def.type === 'array') return inner(def.element, `${path}[]`)
  if (def.type === 'union') return def.options.flatMap((option) => inner(option))
  if (def.type === 'nullable' || def.type === 'optional' || def.type === 'readonly') return inner(def.innerType)
  return def.type === 'string' ? [path] : []
}

const reading = ENDPOINTS.flatMap(({ name, endpoint }) => {
  const isRead = endpoint.method === 'GET' || (endpoint.method === 'POST' && endpoint.permission.endsWith(':read'))
  if (!isRead || typeof endpoint.output === 'string' || !Object.hasOwn(called, name)) return []
  return [{ name, endpoint: endpoint as JsonEndpoint }]
})

/** Those of the query or the body. */
function otherFields({ path, input }: JsonEndpoint): [string, z.core.$ZodType][] {
  const inPath: readonly string[] = path.match(/:\w+/g) ?? []
  const fields: [string, z.core.$ZodType][] = Object.entries(input.shape)
  return fields.filter(([field]) => !inPath.includes(`:${field}`))
}

/** read() passes a body on as it is. */
function hasPlainBody(endpoint: JsonEndpoint): boolean {
  return (
    endpoint.method === 'GET' || otherFields(endpoint).every(([field, shape]) => codecsIn(shape, field).length === 0)
  )
}

/** With the name of its beginning, the longest that there is. */
function shortened(path: string): string {
  const inApi = path.replace(/^\/api\/v1\//, '')
  const beginnings = Object.entries(READ_PATHS).toSorted(([, a], [, b]) => b.length - a.length)
  const found = beginnings.find(([, beginning]) => inApi === beginning || inApi.startsWith(`${beginning}/`))
  return found === undefined ? inApi : found[0] + inApi.slice(found[1].length)
}

test('Every endpoint that reads has its form, which says the same as the contract', () => {
  const forms = reading
    .filter(({ endpoint }) => hasPlainBody(endpoint))
    .map(({ name, endpoint }) => {
      const { method, path, output } = endpoint
      const fields = otherFields(endpoint).map(([field]) => field)
      const address = `${method === 'POST' ? 'POST ' : ''}${shortened(path)}${fields.length > 0 ? `?${fields.join('&')}` : ''}`
      return [name, [address, ...new Set(codecsIn(output, ''))]]
    })
  expect(READ_FORMS).toEqual(Object.fromEntries(forms))
})

test('No text is where another alternative of an output has a namespace', () => {
  for (const { name, endpoint } of reading) {
    const namespaces = codecsIn(endpoint.output, '')
    const texts = textsIn(endpoint.output, '')
    expect({ name, both: namespaces.filter((path) => texts.includes(path)) }).toEqual({ name, both: [] })
  }
})

test('The forms of events name the namespaces that the contract has', () => {
  expect(EVENT_NAMESPACES).toEqual({ runsChangedEvent: codecsIn(called.runsChangedEvent, '') })
})
