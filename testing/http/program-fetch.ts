import type { RouteMethod } from '@/server/program/program'
import type { Services } from '@/server/services'
import { installTestProgram } from './route-handler'

type ProgramFetch = (address: string, init?: RequestInit) => Promise<Response>

/** A `fetch` of the addresses of the console, which the program over these services answers: for `vi.stubGlobal`. */
export function fetchFromProgram(services: Services, cookie: string): ProgramFetch {
  return async (address, init = {}) => {
    const url = new URL(address, services.config.publicUrl)
    const headers = new Headers(init.headers)
    headers.set('cookie', cookie)
    const segments = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const method = (init.method ?? 'GET') as RouteMethod
    return await installTestProgram(services).handle(method, segments, new Request(url, { ...init, headers }))
  }
}
