import { ERROR_CODES } from '@/lib/errors'
import type { NamedEndpoint, Tag } from '../endpoints'
import { type JsonSchema, type Schemas, TAGS, toOperation } from './openapi'
import { problem } from '../shapes/problem'
import { toTypeText } from './type-text'

export type ApiField = { name: string; in: 'path' | 'query' | 'body'; type: string; isRequired: boolean }

export type ApiOperation = {
  /** The operation's id in the OpenAPI document. */
  name: string
  method: string
  path: string
  summary: string
  /** Everything else that a client has to know, with the permission that the operation needs. */
  description: string
  fields: ApiField[]
  /** The type of the response in the notation of TypeScript. */
  response: string
  /** A request with curl and a token; null when a token is refused. */
  example: string | null
}

/** The contract for people to read: what the OpenAPI document says, in text. */
export type ApiReference = {
  groups: { tag: Tag; description: string; operations: ApiOperation[] }[]
  /** Named shapes, by name. */
  shapes: { name: string; type: string }[]
  errors: { code: string; status: number; title: string }[]
}

export function toApiReference(endpoints: readonly NamedEndpoint[]): ApiReference {
  const schemas: Schemas = {}
  const operations = endpoints.map((named) => ({ tag: named.tag, operation: toApiOperation(named, schemas) }))
  const tags = Object.entries(TAGS) as [Tag, string][]
  return {
    groups: tags.map(([tag, description]) => ({
      tag,
      description,
      operations: operations.filter((entry) => entry.tag === tag).map(({ operation }) => operation),
    })),
    shapes: Object.entries({ ...schemas, Problem: problem.toJSONSchema({ io: 'input' }) })
      .map(([name, schema]) => ({ name, type: toTypeText(schema as JsonSchema) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    errors: Object.entries(ERROR_CODES).map(([code, { status, title }]) => ({ code, status, title })),
  }
}

function toApiOperation(named: NamedEndpoint, schemas: Schemas): ApiOperation {
  const { endpoint } = named
  const operation = toOperation(named, schemas)
  const parameters = operation.parameters.map(({ name, in: location, required, schema }) => ({
    name,
    in: location as 'path' | 'query',
    isRequired: required,
    schema,
  }))
  const body = 'requestBody' in operation ? operation.requestBody.content['application/json'].schema : undefined
  const bodyFields = Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'body' as const,
    isRequired: body?.required.includes(name) ?? false,
    schema,
  }))
  const fields = [...parameters, ...bodyFields]
  return {
    name: named.name,
    method: endpoint.method,
    path: endpoint.path.replaceAll(/:(\w+)/g, '{$1}'),
    summary: operation.summary,
    description: operation.description,
    fields: fields.map(({ schema, ...field }) => ({ ...field, type: toTypeText((schema ?? {}) as JsonSchema) })),
    response: toResponseText(endpoint.output, operation.responses),
    example: endpoint.permission === 'browser-session' ? null : toExample(endpoint, fields, schemas),
  }
}

function toResponseText(
  output: NamedEndpoint['endpoint']['output'],
  responses: ReturnType<typeof toOperation>['responses'],
): string {
  if (output === 'bytes') return 'bytes of the file, or of the range that was requested'
  if (output === 'lines') return 'lines of JSON, until the work ends'
  if (output === 'rows') return 'rows in the requested format'
  if (output === 'events') return 'server-sent events, until the session ends'
  const { 200: success } = responses as { 200: { content: Record<string, { schema: JsonSchema }> } }
  return toTypeText(success.content['application/json']?.schema ?? {})
}

/** Names in the lake that every home begins with. */
const SAMPLE_NAMES: Readonly<Record<string, string>> = {
  catalog: 'local',
  namespace: 'demo',
  table: 'flights',
  view: 'flights_by_route',
  query: 'flights',
}

type Field = { name: string; in: ApiField['in']; isRequired: boolean; schema: unknown }

function toExample({ method, path }: NamedEndpoint['endpoint'], fields: readonly Field[], schemas: Schemas): string {
  const address = path.replaceAll(/:(\w+)/g, (_, name: string) => SAMPLE_NAMES[name] ?? name.toUpperCase())
  const required = fields.filter(({ isRequired }) => isRequired)
  const query = required
    .filter((field) => field.in === 'query')
    .map(
      ({ name, schema }) => `${name}=${encodeURIComponent(String(sampleValue(name, schema as JsonSchema, schemas)))}`,
    )
  const body = required
    .filter((field) => field.in === 'body')
    .map(({ name, schema }) => [name, sampleValue(name, schema as JsonSchema, schemas)])
  const hasBody = fields.some((field) => field.in === 'body')
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$LAKESHORE${address}${query.length > 0 ? `?${query.join('&')}` : ''}"`,
    '-H "Authorization: Bearer $TOKEN"',
    ...(hasBody ? ['-H "Content-Type: application/json"', `-d '${JSON.stringify(Object.fromEntries(body))}'`] : []),
  ].join(' \\\n  ')
}

/** A value of the shape; the text of a field is its name. */
function sampleValue(name: string, schema: JsonSchema, schemas: Schemas): unknown {
  const sample = SAMPLE_NAMES[name]
  if (sample !== undefined) return sample
  if (schema.$ref !== undefined) {
    return sampleValue(name, (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) as JsonSchema, schemas)
  }
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return sampleValue(name, choice, schemas)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((field) => [
          field,
          sampleValue(field, (schema.properties?.[field] ?? {}) as JsonSchema, schemas),
        ]),
      )
    case 'array':
      return [sampleValue(name, (schema.items ?? {}) as JsonSchema, schemas)]
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return name.toUpperCase()
  }
}
