import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { REST_FIXTURE } from './jars.ts'
import { fetchJars } from './maven.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'

/** A bucket of an S3 server, with its credentials. */
export type FixtureBucket = {
  endpoint: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
}

export type RestFixture = {
  /** The catalog's URL, to which clients add `/v1/…`. It has no prefix and requires no login. */
  uri: string
  /** The location of new tables. */
  warehouse: string
  stop: () => Promise<void>
}

const READY_TIMEOUT_MS = 300_000

/**
 * Starts Iceberg's own REST catalog, the one its clients are tested with, on the catalog in `folder`, an empty one
 * the first time. It stores tables in that folder too, or in the bucket of `s3`. Several at once need different names.
 *
 * It always listens on all addresses, without a login: give it no valuable data.
 */
export async function startRestFixture(
  folder: string,
  { s3, port: requestedPort, name = 'rest-fixture' }: { s3?: FixtureBucket; port?: number; name?: string } = {},
): Promise<RestFixture> {
  const [jar] = await fetchJars([REST_FIXTURE])
  const port = requestedPort ?? (await freePort())
  const uri = `http://127.0.0.1:${port}`
  const warehouse = s3 ? `s3://${s3.bucket}/fixture` : `file:${path.join(folder, 'fixture-warehouse')}`
  mkdirSync(folder, { recursive: true })
  const { stop } = await startServer({
    name,
    command: 'java',
    args: ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', String(jar)],
    env: {
      CATALOG_REST_PORT: String(port),
      CATALOG_URI: `jdbc:sqlite:${path.join(folder, 'fixture.db')}`,
      CATALOG_WAREHOUSE: warehouse,
      // Without it, a table can be created in a namespace that does not exist.
      CATALOG_JDBC_STRICT__MODE: 'true',
      ...(s3 && s3Settings(s3)),
    },
    readyUrl: `${uri}/v1/config`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return { uri, warehouse, stop }
}

/** As the server reads its environment: `_` for a dot, `__` for a dash. */
function s3Settings({ endpoint, region, accessKeyId, secretAccessKey }: FixtureBucket): Record<string, string> {
  return {
    CATALOG_IO__IMPL: 'org.apache.iceberg.aws.s3.S3FileIO',
    CATALOG_S3_ENDPOINT: endpoint,
    CATALOG_S3_PATH__STYLE__ACCESS: 'true',
    CATALOG_S3_ACCESS__KEY__ID: accessKeyId,
    CATALOG_S3_SECRET__ACCESS__KEY: secretAccessKey,
    CATALOG_CLIENT_REGION: region,
    // With each table it vends its own keys.
    CATALOG_INCLUDE__CREDENTIALS: 'true',
    AWS_REGION: region,
  }
}
