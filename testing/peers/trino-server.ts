import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { freePort } from '@/testing/processes/free-port'
import { startServer } from '@/testing/processes/server-process'
import type { Trino } from './install-trino'
import type { Json } from '@/lib/iceberg/json/json'

export type TrinoServer = {
  /** @returns the rows; whole numbers are exact @throws with Trino's own message */
  sql: (statement: string) => Promise<Json[]>
  stop: () => Promise<void>
}

const READY_TIMEOUT_MS = 300_000
const ANSWER_TIMEOUT_MS = 300_000
const JOIN_TIMEOUT_MS = 300_000
const POLL_INTERVAL_MS = 500
const JAVA_ARGS = [
  '-Xmx1g',
  // Statements are small, so neither optimized compilation nor parallel collection pays off.
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '--add-modules=jdk.incubator.vector',
  '--enable-native-access=ALL-UNNAMED',
  '--sun-misc-unsafe-memory-access=allow',
  '-Djdk.attach.allowAttachSelf=true',
]

/**
 * Starts a separate Trino on catalog files, which read secrets from the environment, as on a page of the product.
 *
 * @param folder a new folder for it
 * @param catalogFiles the text of each file of `etc/catalog`, by its name
 * @param env variables that these files read
 */
export async function startTrino(
  trino: Trino,
  folder: string,
  catalogFiles: Readonly<Record<string, string>>,
  env: Record<string, string>,
): Promise<TrinoServer> {
  const catalogs = path.join(folder, 'etc', 'catalog')
  mkdirSync(catalogs, { recursive: true })
  for (const [name, text] of Object.entries(catalogFiles)) writeFileSync(path.join(catalogs, name), text)
  const { url, stop } = await startTrinoProcess(trino, folder, [`catalog.config-dir=${catalogs}`], env)
  return { sql: (statement) => queryTrino(url, statement), stop }
}

/** The Trino that test files share: they add and remove its catalogs. */
export function startSharedTrino(trino: Trino, folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  return startTrinoProcess(trino, folder, ['catalog.management=dynamic', 'catalog.store=memory'], {})
}

/** Starts one Trino as coordinator and worker, on this machine only. */
async function startTrinoProcess(
  { java, libFolder, pluginFolder }: Trino,
  folder: string,
  catalogSettings: readonly string[],
  env: Record<string, string>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const etc = path.join(folder, 'etc')
  mkdirSync(etc, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const configFile = path.join(etc, 'config.properties')
  writeFileSync(configFile, serverProperties({ port, url, pluginFolder }, catalogSettings))
  const { stop } = await startServer({
    name: 'trino',
    command: java,
    args: [
      ...JAVA_ARGS,
      `-Dconfig=${configFile}`,
      `-Dnode.data-dir=${path.join(folder, 'data')}`,
      '-cp',
      path.join(libFolder, '*'),
      'io.trino.server.TrinoServer',
    ],
    env,
    readyUrl: `${url}/v1/info`,
    startingText: '"starting":true',
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return { url, stop }
}

type ServerPaths = { port: number; url: string; pluginFolder: string }

function serverProperties({ port, url, pluginFolder }: ServerPaths, catalogSettings: readonly string[]): string {
  return [
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    'node.environment=interop',
    'node.bind-ip=127.0.0.1',
    'node.internal-address=127.0.0.1',
    `http-server.http.port=${port}`,
    // Otherwise it would be written to the working directory.
    'http-server.log.enabled=false',
    `discovery.uri=${url}`,
    ...catalogSettings,
    `plugin.dir=${pluginFolder}`,
  ].join('\n')
}

type Answer = { data?: Json[]; nextUri?: string; error?: { errorName: string; message: string } }

/** Trino's errors when it knows no worker: the second, when a statement writes into partitions. */
const HAS_NO_WORKER = /^(NO_NODES_AVAILABLE|GENERIC_INTERNAL_ERROR: nodes is empty)/

/**
 * Runs a statement. Trino finds itself among its workers only some seconds after its start; statements that it refused
 * until then were not started.
 */
export async function queryTrino(url: string, statement: string): Promise<Json[]> {
  for (const deadline = Date.now() + JOIN_TIMEOUT_MS; ; ) {
    try {
      return await runStatement(url, statement)
    } catch (error) {
      const isAlone = error instanceof Error && HAS_NO_WORKER.test(error.message)
      if (!isAlone || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
    }
  }
}

/** Follows Trino's client protocol: each response names the next one, except the last. */
async function runStatement(url: string, statement: string): Promise<Json[]> {
  const headers = { 'x-trino-user': 'interop', 'x-trino-time-zone': 'UTC' }
  const rows: Json[] = []
  let answer = await fetchAnswer(`${url}/v1/statement`, { method: 'POST', body: statement, headers })
  for (;;) {
    if (answer.error) throw new Error(`${answer.error.errorName}: ${answer.error.message}\n${statement}`)
    rows.push(...(answer.data ?? []))
    if (answer.nextUri === undefined) return rows
    answer = await fetchAnswer(answer.nextUri, { headers })
  }
}

async function fetchAnswer(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  const text = await response.text()
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${text}`)
  return parseExactJson(text) as Answer
}
