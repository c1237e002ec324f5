import * as z from 'zod'
import type { NamedEndpoint, Tag } from '../endpoints'
import { ROW_MEDIA_TYPES } from '../table/rows'
import { problem } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'

export type JsonSchema = z.core.JSONSchema.JSONSchema
export type Schemas = Record<string, unknown>

/** The subject of each noun's endpoints, in the order of the document. */
export const TAGS: Readonly<Record<Tag, string>> = {
  catalogs: 'Catalogs that the caller can access',
  namespaces: 'Namespaces, and the tables in them',
  tables: 'Tables as of a ref, a snapshot or a time',
  views: 'Views and their versions',
  snapshots: 'Snapshots, and rolling back to one',
  history: 'Commits and audited actions, and undoing one',
  changes: 'Reviewing and committing changes of a table',
  proposals: 'What one user proposes for another one to carry out, and where that is demanded',
  scan: 'Planning a scan of a table, and reading its rows',
  files: 'Data files of a table, and their bytes',
  queries: 'Saved queries, of one user or shared',
  search: 'Finding tables, views and namespaces',
  home: 'The figures of the home page',
  dashboards: 'Ingestion and compression over time',
  jobs: 'Runs and schedules',
  audit: 'What was done and refused, by whom',
  connections: 'Connections to other catalogs, and the caller’s own credentials for them',
  access: 'Users and groups, the roles granted to them, and requests for access',
  tokens: 'Personal access tokens',
  session: 'The signed-in user',
  api: 'This document',
}

const PROBLEM = { $ref: '#/components/responses/Problem' }

/**
 * The contract as an OpenAPI 3.1 document, with the shapes on the wire: a namespace is its levels joined by U+001F, and
 * a 64-bit id is decimal text.
 *
 * @param version of Lakeshore
 */
export function toOpenApi(endpoints: readonly NamedEndpoint[], version: string) {
  const schemas: Schemas = {}
  const paths: Record<string, Record<string, unknown>> = {}
  const problemSchema = toSchema(problem, schemas)
  for (const named of endpoints) {
    const path = named.endpoint.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [named.endpoint.method.toLowerCase()]: toOperation(named, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lakeshore',
      version,
      summary: 'The HTTP API of the Lakeshore console',
      description:
        'The response to a failed request is problem details (RFC 9457) with a `code`, `facts` and a `requestId`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This Lakeshore' }],
    security: [{ token: [] }, { session: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A personal access token. It can do what its role allows, except operations that need a session.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'lakeshore-session',
          description: 'The session of a signed-in browser. Over https the name begins with `__Host-`.',
        },
      },
      responses: {
        Problem: {
          description: 'The request failed. `code` says why.',
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
      schemas,
    },
  }
}

/** One endpoint in the form of the document. Named shapes in it are added to `schemas`. */
export function toOperation({ name, tag, endpoint }: NamedEndpoint, schemas: Schemas) {
  const { method, path, permission, summary, description } = endpoint
  const { properties, required } = toObjectSchema(endpoint.input, schemas)
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, field]) => field ?? ''))
  const others = Object.keys(properties).filter((field) => !inPath.has(field))
  const hasBody = method === 'POST' || method === 'PUT'
  const isForBrowsers = permission === 'browser-session'
  const needs = isForBrowsers
    ? 'Needs a session; a token is refused.'
    : permission === 'signed-in'
      ? 'Needs a signed-in user.'
      : `Needs the permission \`${permission}\`.`
  return {
    operationId: name,
    tags: [tag],
    ...(isForBrowsers && { security: [{ session: [] }] }),
    summary,
    description: description === undefined ? needs : `${description}\n\n${needs}`,
    parameters: [
      ...[...inPath].map((field) => ({ name: field, in: 'path', required: true, schema: properties[field] })),
      ...(hasBody ? [] : others).map((field) => ({
        name: field,
        in: 'query',
        required: required.includes(field),
        schema: properties[field],
      })),
    ],
    // The server demands a body, even one without fields: a page of another origin cannot send one as JSON.
    ...(hasBody && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: Object.fromEntries(others.map((field) => [field, properties[field]])),
              required: required.filter((field) => !inPath.has(field)),
              additionalProperties: false,
            },
          },
        },
      },
    }),
    responses: { ...toResponses(endpoint.output, schemas, properties['format']), '4XX': PROBLEM, '5XX': PROBLEM },
  }
}

/** @param format the field that chooses the format of rows */
function toResponses(
  output: NamedEndpoint['endpoint']['output'],
  schemas: Schemas,
  format: JsonSchema | boolean | undefined,
) {
  if (output === 'bytes') {
    const content = { 'application/octet-stream': {} }
    return {
      200: { description: 'The whole file', content },
      206: { description: 'The range that was requested', content },
    }
  }
  if (output === 'lines') {
    return { 200: { description: 'Lines of JSON, until the work ends', content: { 'application/x-ndjson': {} } } }
  }
  if (output === 'rows') {
    const types = Object.entries(ROW_MEDIA_TYPES).filter(
      ([name]) => typeof format !== 'object' || format.enum?.includes(name) !== false,
    )
    const content = Object.fromEntries(types.map(([, type]) => [type, {}]))
    return { 200: { description: 'Rows in the requested format', content } }
  }
  if (output === 'events') {
    const content = { 'text/event-stream': { schema: { type: 'string' } } }
    return { 200: { description: 'Server-sent events, until the session ends', content } }
  }
  return { 200: { description: 'Success', content: { 'application/json': { schema: toSchema(output, schemas) } } } }
}

/** An input is always an object, whose fields are sent in different parts of the request. */
function toObjectSchema(schema: z.ZodObject, schemas: Schemas) {
  const written = toSchema(schema, schemas)
  return { properties: written.properties ?? {}, required: written.required ?? [] }
}

/** The schema in the form of the document. Named shapes in it are added to `schemas`. */
function toSchema(schema: z.ZodType, schemas: Schemas): JsonSchema {
  const { $schema: _, $defs = {}, ...written } = z.toJSONSchema(schema, { io: 'input', metadata: contractSchemas })
  for (const [name, shape] of Object.entries($defs)) schemas[name] = toComponent(shape)
  return toComponent(written) as JsonSchema
}

function toComponent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toComponent)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : toComponent(inner),
    ]),
  )
}
