import { createConfig, lintFromString } from '@redocly/openapi-core'
import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { toOpenApi } from '@/lib/contract/description/openapi'
import { RUN_EVENTS_PATH } from '@/lib/contract/shapes/plain-values'
import { cookieName } from '@/server/auth/sign-in/session-cookie'

const document = toOpenApi(ENDPOINTS, '1.2.3')
const text = JSON.stringify(document)

it('The OpenAPI document passes the rules of an OpenAPI linter', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const problems = await lintFromString({ source: text, config })
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
})

it('The OpenAPI document fails the linter when an operation refers to a missing shape', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const source = text.replaceAll('#/components/schemas/Token"', '#/components/schemas/Nothing"')
  expect((await lintFromString({ source, config })).map(({ ruleId }) => ruleId)).toContain('no-unresolved-refs')
})

it('The OpenAPI document has an operation for every endpoint that a file of the contract exports', () => {
  const exported = globSync('lib/contract/**/*.ts').flatMap((file) => {
    const source = readFileSync(file, 'utf8')
    const single = [...source.matchAll(/^export const (\w+) = endpoint\(/gm)].map(([, name]) => name)
    // Endpoints that one function describes for several kinds of entries are exported together: `list: listProposals`.
    const together = [...source.matchAll(/^export const \{([^}]*)\} =/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/: (\w+)/g)].map(([, name]) => name),
    )
    return [...single, ...together]
  })
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path) as { operationId: string }[])
  expect(exported.length).toBeGreaterThan(40)
  expect(new Set(operations.map(({ operationId }) => operationId))).toEqual(new Set(exported))
  expect(operations).toHaveLength(exported.length)
})

it('The OpenAPI document says that POST and PUT need a body, also one without fields', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.entries(path))
  const withBody = operations.filter(([method]) => method === 'post' || method === 'put')
  expect(withBody.length).toBeGreaterThan(60)
  for (const [, operation] of withBody) expect(operation).toMatchObject({ requestBody: { required: true } })
})

it('The OpenAPI document names every recursive shape', () => {
  expect(Object.keys(document.components.schemas).filter((name) => name.startsWith('__'))).toEqual([])
  expect(text).not.toContain('$defs')
})

it('The OpenAPI document names the cookie that a session has', () => {
  const { name, description } = document.components.securitySchemes.session
  expect(cookieName({ publicUrl: 'http://lakeshore.example' }, 'session')).toBe(name)
  expect(cookieName({ publicUrl: 'https://lakeshore.example' }, 'session')).toBe(`__Host-${name}`)
  expect(description).toContain('`__Host-`')
})

it('The OpenAPI document names the media types of responses that are not JSON', () => {
  const mediaTypesOf = (path: string, method: string) => {
    const operation = document.paths[path]?.[method] as { responses: Record<string, { content: object }> } | undefined
    return Object.keys(operation?.responses['200']?.content ?? {})
  }
  expect(mediaTypesOf('/api/v1/query-runs', 'post')).toEqual(['application/x-ndjson'])
  expect(mediaTypesOf('/api/v1/audit/export', 'get')).toEqual(['application/x-ndjson', 'text/csv'])
  expect(mediaTypesOf(RUN_EVENTS_PATH, 'get')).toEqual(['text/event-stream'])
})
