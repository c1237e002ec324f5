import type { ConsoleClient } from './console-client.ts'
import { startLakeshore } from './lakeshore.ts'
import { startRestFixture } from '../peers/rest-fixture.ts'

/** A REST catalog that engines are set upon. */
export type RestServer = {
  uri: string
  token: string | null
  /** Null where the server is not the product. */
  console: ConsoleClient | null
  stop: () => Promise<void>
}

/**
 * The product, on an empty home in `folder`. With `INTEROP_SERVER=fixture` it is Iceberg's own server instead: what
 * fails there too is not the product's doing.
 */
export async function startRestServer(folder: string): Promise<RestServer> {
  if (process.env.INTEROP_SERVER === 'fixture') {
    return { ...(await startRestFixture(folder)), token: null, console: null }
  }
  return startLakeshore(folder)
}
