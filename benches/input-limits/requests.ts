import { ENDPOINTS } from '@/lib/contract/endpoints'
import { MAX_SQL_CHARS } from '@/lib/contract/queries'
import { MAX_JSON_DEPTH } from '@/lib/iceberg/json/exact-json'
import { MAX_SQL_TOKENS } from '@/lib/query/statement/tokenize'
import { MAX_SQL_DEPTH } from '@/lib/query/tables/table-references'
import { MAX_BODY_BYTES } from '@/server/http/request/read-request-fields'
import { findInputSites } from '@/testing/contract/input-sites'
import { DEEP_SQL, UNENDING_SQL, WIDE_SQL } from '@/testing/texts/large-sql'

/** A request with more than its endpoint accepts, or with exactly that much. */
export type LargeRequest = { name: string; method: string; path: string; body: string }

/** Every part of every body of the contract at 10 and 1,000 times its limit, as far as a body may be long. */
export function oversizedRequests(): LargeRequest[] {
  return ENDPOINTS.filter(({ endpoint: { method } }) => method === 'POST' || method === 'PUT').flatMap(
    ({ name, endpoint: { input, method, path } }) =>
      findInputSites(input).flatMap((site) =>
        [10, 1_000].flatMap((factor) => {
          const fields = site.withSize(largestSize(site, (site.limit ?? MAX_JSON_DEPTH) * factor))
          const filled = path.replaceAll(/:(\w+)/g, (_, field: string) => toPathPart(fields.get(field)))
          const isInPath = path.includes(`:${site.field}`)
          const body = `{${[...fields].map(([field, json]) => `${JSON.stringify(field)}:${json}`).join(',')}}`
          return isInPath ? [] : [{ name: `${name} ${site.path} × ${factor}`, method, path: filled, body }]
        }),
      ),
  )
}

/** Saved queries with SQL of every shape: the most that is taken, and 10 and 1,000 times that. */
export function sqlRequests(): LargeRequest[] {
  const shapes = [
    ...Object.entries(DEEP_SQL).map(([name, build]) => ({ name, build, limit: MAX_SQL_DEPTH })),
    ...Object.entries(WIDE_SQL).map(([name, build]) => ({ name, build, limit: MAX_SQL_TOKENS })),
    ...Object.entries(UNENDING_SQL).map(([name, build]) => ({ name, build, limit: MAX_SQL_CHARS / 4 })),
  ]
  return shapes.flatMap(({ name, build, limit }) =>
    [1, 10, 1_000].map((factor) => ({
      name: `SQL: ${name} × ${factor}`,
      method: 'POST',
      path: '/api/v1/queries',
      body: JSON.stringify({
        name: `${name} ${factor}`,
        sql: build(Math.min(limit * factor, MAX_SQL_CHARS)).slice(0, MAX_SQL_CHARS),
        isShared: true,
      }),
    })),
  )
}

type Site = ReturnType<typeof findInputSites>[number]

/** The largest size up to this one at which the fields fit into a body. */
function largestSize(site: Site, size: number): number {
  const charsOf = (count: number) => [...site.withSize(count).values()].join('').length
  const charsPerPart = Math.max(1, charsOf(3) - charsOf(2))
  return Math.min(size, Math.floor((MAX_BODY_BYTES - 10_000) / charsPerPart))
}

function toPathPart(json = '"x"'): string {
  return encodeURIComponent(String(JSON.parse(json)))
}
