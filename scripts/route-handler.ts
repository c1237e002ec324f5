import path from 'node:path'
import type { Endpoint } from '../lib/contract/endpoint.ts'
import { createProgram } from '@/server/program/create-program'
import type { Program } from '@/server/program/program'
import { hasProgram, runningProgram, setProgram } from '@/server/program/slot'
import { routeFile } from './contract-endpoints.ts'

export type RouteHandler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>

/** What Next.js would call for an endpoint, or for another method at its path; it answers by the program of the test. */
export async function routeHandler(endpoint: Endpoint, method: string = endpoint.method): Promise<RouteHandler> {
  testProgram()
  const module = (await import(path.resolve(routeFile(endpoint)))) as Record<string, RouteHandler>
  const handler = module[method]
  if (!handler) throw new Error(`${routeFile(endpoint)} does not export ${method}`)
  return handler
}

/** The program of a test file, in the slot, where routes find it. */
export function testProgram(): Program {
  if (!hasProgram()) setProgram(createProgram())
  return runningProgram()
}
