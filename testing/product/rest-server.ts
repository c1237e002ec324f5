import type { ConsoleClient } from './console-client.ts'
import { startLakeshore } from './lakeshore.ts'
import { startRestFixture } from '../peers/rest-fixture.ts'

/** A REST catalog for tests with engines. */
export type RestServer = {
  uri: string
  token: string | null
  /** Null when the server is not the product. */
  console: ConsoleClient | null
  stop: () => Promise<void>
}

/**
 * Starts the product on an empty home in `folder`, or Iceberg's own server with `INTEROP_SERVER=fixture`: a test that
 * fails there too does not show a bug of the product.
 */
export async function startRestServer(folder: string): Promise<RestServer> {
  if (process.env.INTEROP_SERVER === 'fixture') {
    return { ...(await startRestFixture(folder)), token: null, console: null }
  }
  return startLakeshore(folder)
}
