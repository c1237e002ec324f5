import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { IdentityProvider } from './identity-provider.ts'
import { NESSIE } from './jars.ts'
import { findJdk } from './find-jdk.ts'
import { fetchJars } from './maven.ts'
import type { FixtureBucket } from './rest-fixture.ts'
import { logFileOf } from '../processes/log-file.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'

export type Nessie = {
  /** The URL of its Iceberg REST catalog; the name of a branch may follow, then `/v1/…`. */
  uri: string
  /** The warehouse with its tables, which clients may name. */
  warehouse: string
  /** Creates a branch at the current state of `main`. */
  branch: (name: string) => Promise<void>
  /** The warnings of its log: its responses give no reason for a refused signature. */
  readWarnings: () => string
  stop: () => Promise<void>
}

const NAME = 'nessie'
const WAREHOUSE = 'lake'
const JDK = 21
const READY_TIMEOUT_MS = 300_000

/** Downloads Nessie (245 MB on first use) and finds a JDK for it. @throws when either is unavailable */
export async function installNessie(): Promise<{ java: string; jar: string }> {
  const java = path.join(findJdk(JDK), 'bin', 'java')
  const [jar] = await fetchJars([NESSIE])
  return { java, jar: String(jar) }
}

/**
 * Starts a Nessie that keeps its state in memory only. Its tables are in the bucket, and it signs the requests for
 * them. It accepts every client with a token of the identity provider.
 *
 * @param folder for its configuration
 */
export async function startNessie(folder: string, bucket: FixtureBucket, idp: IdentityProvider): Promise<Nessie> {
  const { java, jar } = await installNessie()
  const [port, managementPort] = [await freePort(), await freePort()]
  const configuration = path.join(folder, 'nessie.properties')
  const settings = { ...httpSettings(port, managementPort), ...authSettings(idp), ...storageSettings(bucket) }
  writeFileSync(configuration, toProperties(settings), { mode: 0o600 })
  const origin = `http://127.0.0.1:${port}`
  const { stop } = await startServer({
    name: NAME,
    command: java,
    // It runs for a minute, so optimized compilation does not pay off.
    args: ['-Xmx768m', '-XX:TieredStopAtLevel=1', '-jar', jar],
    env: { QUARKUS_CONFIG_LOCATIONS: configuration },
    readyUrl: `http://127.0.0.1:${managementPort}/q/health/ready`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  const branch = async (name: string) => createBranch(origin, await idp.token(), name)
  return { uri: `${origin}/iceberg`, warehouse: WAREHOUSE, branch, readWarnings, stop }
}

function readWarnings(): string {
  return readFileSync(logFileOf(NAME), 'utf8')
    .split('\n')
    .filter((line) => line.includes('WARN'))
    .join('\n')
}

async function createBranch(origin: string, token: string, name: string): Promise<void> {
  const trees = `${origin}/api/v2/trees`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const main = await fetch(`${trees}/main`, { headers })
  const { reference } = (await main.json()) as { reference: object }
  const response = await fetch(`${trees}?type=BRANCH&name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(reference),
  })
  if (!response.ok) throw new Error(`Nessie created no branch (${response.status}): ${await response.text()}`)
}

function httpSettings(port: number, managementPort: number): Record<string, string> {
  return {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': String(port),
    'quarkus.management.host': '127.0.0.1',
    'quarkus.management.port': String(managementPort),
    'quarkus.log.file.enable': 'false',
  }
}

function authSettings({ issuer }: IdentityProvider): Record<string, string> {
  return {
    'nessie.server.authentication.enabled': 'true',
    'quarkus.oidc.auth-server-url': issuer,
    'quarkus.oidc.client-id': 'nessie',
  }
}

function storageSettings({
  endpoint,
  region,
  bucket,
  accessKeyId,
  secretAccessKey,
}: FixtureBucket): Record<string, string> {
  const s3 = 'nessie.catalog.service.s3.default-options'
  return {
    'nessie.version.store.type': 'IN_MEMORY',
    'nessie.catalog.default-warehouse': WAREHOUSE,
    [`nessie.catalog.warehouses.${WAREHOUSE}.location`]: `s3://${bucket}/nessie`,
    [`${s3}.endpoint`]: endpoint,
    [`${s3}.region`]: region,
    [`${s3}.path-style-access`]: 'true',
    [`${s3}.access-key`]: 'urn:nessie-secret:quarkus:peer',
    'peer.name': accessKeyId,
    'peer.secret': secretAccessKey,
  }
}

function toProperties(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map((setting) => `${setting.join('=')}\n`)
    .join('')
}
