import 'server-only'
import { sessionOfCookie } from '@/server/auth/session'
import { isHttps } from '@/server/auth/session-cookie'
import { closeDatabases } from '@/server/db/open-database'
import { handlerAt, methodRefusalAt } from '@/server/iceberg-rest/routes'
import type { Program } from './program'
import { ROUTES } from './routes'
import { startWeb } from './start-web'

/**
 * The program that answers every request of this process: one database, one client per connection, one watch, one
 * count of each bound. The web server makes it before it starts Next, and puts it into the slot.
 */
export function createProgram(): Program {
  return {
    async handle(method, path, request, context) {
      const handlers = ROUTES.get(path)
      if (!handlers) throw new Error(`The program has no address ${path}.`)
      return handlers[method](request, context)
    },
    catalogAt: handlerAt,
    catalogRefusalAt: methodRefusalAt,
    sessionOfCookie,
    isHttps,
    start: startWeb,
    close: closeDatabases,
  }
}
