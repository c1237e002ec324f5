import path from 'node:path'
import { buildProgram } from '@/server/program/create-program'
import type { Program } from '@/server/program/program'
import { setProgram } from '@/server/program/slot'
import type { Services } from '@/server/services'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { findRouteFile, routeParams } from './route-files.ts'

export type RouteHandler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>

/**
 * The handler that Next.js would call for an endpoint, or for another method at its path, with the program of the test.
 * It takes the parameters of the endpoint's path, and passes them to the route as Next would.
 */
export async function loadRouteHandler(
  services: Services,
  endpoint: Endpoint,
  method: string = endpoint.method,
): Promise<RouteHandler> {
  installTestProgram(services)
  const names = endpoint.path.split('/').slice(1)
  const route = findRouteFile(names)
  const module = (await import(path.resolve(route.file))) as Record<string, NextHandler>
  const handler = module[method]
  if (!handler) throw new Error(`${route.file} does not export ${method}`)
  return async (request, context) => {
    const params = await context.params
    const segments = names.map((name) => (name.startsWith(':') ? (params[name.slice(1)] ?? '') : name))
    return await handler(request, { params: Promise.resolve(routeParams(route, segments)) })
  }
}

type NextHandler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[]>> },
) => Promise<Response>

const programs = new WeakMap<Services, Program>()

/** Puts a program over the services of a test into the slot, where routes find it. */
export function installTestProgram(services: Services): Program {
  const program = programs.get(services) ?? buildProgram(services)
  programs.set(services, program)
  setProgram(program)
  return program
}
