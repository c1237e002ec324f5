import type { Page } from '@playwright/test'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'

type JsonEndpoint = Endpoint<z.ZodObject, z.ZodType>
/** Values of some fields of the path; the others may have any. */
type PathFields = Record<string, string>

/**
 * Answers the requests to an endpoint in place of the server, when a test may not change a table that others read.
 *
 * @param output as the API sends it. It throws a `ZodError` unless the contract allows it.
 */
export async function stubEndpoint(
  page: Page,
  endpoint: JsonEndpoint,
  pathFields: PathFields,
  output: unknown,
): Promise<void> {
  endpoint.output.parse(output)
  await page.route(matchEndpoint(endpoint, pathFields), async (route) => {
    if (route.request().method() === endpoint.method) await route.fulfill({ json: output })
    else await route.fallback()
  })
}

/** Matches the addresses of an endpoint. */
export function matchEndpoint({ path }: Pick<JsonEndpoint, 'path'>, pathFields: PathFields = {}) {
  const steps = path.split('/').map((step) => (step.startsWith(':') ? pathFields[step.slice(1)] : step))
  return ({ pathname }: URL): boolean => {
    const given = pathname.split('/').map(decodeURIComponent)
    return given.length === steps.length && steps.every((step, i) => step === undefined || step === given[i])
  }
}
