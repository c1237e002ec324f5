import 'server-only'
import { isHttps } from '@/server/auth/sign-in/session-cookie'
import { readBuildId } from '@/server/config/build-id'
import type { Config } from '@/server/config/config'
import { createRestRoutes } from '@/server/iceberg-rest/routes'
import type { Services } from '@/server/services'
import { createServices } from './create-services'
import { PageResponses } from './page-responses'
import type { Program } from './program'
import { createRoutes } from './routes'
import { startWeb } from './start-web'

/**
 * The program that handles every request of this process: one database, one client per connection, one watch, one
 * count for each limit. The web server creates it before it starts Next, and puts it into the slot. Two programs in one
 * process, as in a test, share nothing.
 */
export function createProgram(config: Config): Program {
  const stopping = new AbortController()
  return buildProgram(createServices(config, { stopping: stopping.signal, buildId: readBuildId() }), stopping)
}

/**
 * A program over existing services.
 *
 * @param stopping aborts the services' `stopping` signal
 */
export function buildProgram(services: Services, stopping = new AbortController()): Program {
  const restRoutes = createRestRoutes(services)
  const routes = createRoutes(services, restRoutes)
  const pages = new PageResponses(services)
  const { config, database, log, refusals, buildId } = services
  return {
    config,
    log,
    buildId,
    async handle(method, segments, request) {
      const found = routes.find(segments)
      if (!found) throw new Error(`The program has no address /${segments.join('/')}.`)
      return found.target[method](request, { params: Promise.resolve(found.params) })
    },
    catalogHandlerAt: restRoutes.findHandler,
    catalogRefusalAt: restRoutes.findMethodRefusal,
    writePage: (response, work) => pages.write(response, work),
    readPageSession: (headers) => pages.readSession(headers),
    signInMethods: () => ({ provider: config.oidc?.name ?? null, hasPassword: config.hasPasswordSignIn }),
    isHttps: () => isHttps(config),
    start: () => startWeb(services, stopping),
    close: async () => {
      await refusals.flush()
      await database.close()
    },
  }
}
