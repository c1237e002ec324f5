import path from 'node:path'
import { buildProgram } from '@/server/program/create-program'
import type { Program } from '@/server/program/program'
import { setProgram } from '@/server/program/slot'
import type { Services } from '@/server/services'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { routeFile } from '../contract/contract-endpoints.ts'

export type RouteHandler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>

/**
 * The handler that Next.js would call for an endpoint, or for another method at its path, with the program of the test.
 */
export async function loadRouteHandler(
  services: Services,
  endpoint: Endpoint,
  method: string = endpoint.method,
): Promise<RouteHandler> {
  installTestProgram(services)
  const module = (await import(path.resolve(routeFile(endpoint)))) as Record<string, RouteHandler>
  const handler = module[method]
  if (!handler) throw new Error(`${routeFile(endpoint)} does not export ${method}`)
  return handler
}

const programs = new WeakMap<Services, Program>()

/** Puts a program over the services of a test into the slot, where routes find it. */
export function installTestProgram(services: Services): Program {
  const program = programs.get(services) ?? buildProgram(services)
  programs.set(services, program)
  setProgram(program)
  return program
}
