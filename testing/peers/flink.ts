import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'
import { sharedClassOptions } from './class-archive.ts'

export type Flink = {
  /**
   * Runs statements in the SQL client, as a file in a new session.
   *
   * @returns the output of the client: each statement, results as tables
   * @throws with the end of the output when a statement failed
   */
  run: (statements: string) => Promise<string>
  stop: () => Promise<void>
}

const READY_TIMEOUT_MS = 300_000
const RUN_TIMEOUT_MS = 240_000
const MAX_OUTPUT_CHARS = 4000

/** The packages that Flink's own `config.yaml` opens for Java 17. */
const OPENED_PACKAGES = ['lang', 'lang.reflect', 'net', 'io', 'nio', 'text', 'time', 'util', 'util.concurrent']
  .concat('util.concurrent.atomic', 'util.concurrent.locks')
  .map((name) => `java.${name}`)
  .concat('sun.nio.ch')
  .map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)

/** The settings of the SQL client for statements on a gateway. */
export type FlinkGateway = { url: string; folder: string; jars: readonly string[] }

/** Starts a separate Flink, like {@link startFlinkGateway}. */
export async function startFlink(folder: string, jars: readonly string[]): Promise<Flink> {
  const { stop, ...gateway } = await startFlinkGateway(folder, jars)
  return { ...connectToFlink(gateway), stop }
}

/**
 * Starts Flink's SQL gateway, which runs each job on a cluster within its own process, on the loopback only. It writes
 * only to `folder`.
 *
 * @param jars paths of Flink's own jars and of those in its `lib` folder
 */
export async function startFlinkGateway(
  folder: string,
  jars: readonly string[],
): Promise<FlinkGateway & { stop: () => Promise<void> }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = environmentOf(folder)
  mkdirSync(env.FLINK_CONF_DIR, { recursive: true })
  writeFileSync(path.join(env.FLINK_CONF_DIR, 'config.yaml'), configuration(port))
  mkdirSync(path.join(folder, 'scratch'))
  const { stop } = await startServer({
    name: 'flink',
    command: 'java',
    args: ['-Xmx1g', ...OPENED_PACKAGES, ...javaOptions(folder, jars), 'org.apache.flink.table.gateway.SqlGateway'],
    env,
    readyUrl: `${url}/v1/info`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  return { url, folder, jars, stop }
}

export function connectToFlink({ url, folder, jars }: FlinkGateway): Pick<Flink, 'run'> {
  const env = environmentOf(folder)
  const run = async (statements: string): Promise<string> => {
    const file = path.join(folder, 'statements.sql')
    writeFileSync(file, statements)
    const history = path.join(folder, 'history')
    const client = ['org.apache.flink.table.client.SqlClient', 'gateway', '-e', url, '-hist', history, '-f', file]
    const args = ['-Xmx256m', ...sharedClassOptions('flink-client', jars), ...javaOptions(folder, jars), ...client]
    const output = await runToEnd('java', args, { timeoutMs: RUN_TIMEOUT_MS, env })
    // The client ends with code 0 even then.
    if (output.includes('[ERROR]')) throw new Error(`A statement failed in Flink.\n${output.slice(-MAX_OUTPUT_CHARS)}`)
    return output
  }
  return { run }
}

/** In a locale without an encoding, Java cannot read a statement or open a file with an `é` in it. */
function environmentOf(folder: string): { FLINK_CONF_DIR: string; LC_ALL: string } {
  return { FLINK_CONF_DIR: path.join(folder, 'conf'), LC_ALL: 'C.UTF-8' }
}

function javaOptions(folder: string, jars: readonly string[]): string[] {
  const scratch = path.join(folder, 'scratch')
  // Statements are small, so neither optimized compilation nor parallel collection pays off.
  return [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Dfile.encoding=UTF-8',
    `-Djava.io.tmpdir=${scratch}`,
    '-cp',
    jars.join(path.delimiter),
  ]
}

function configuration(port: number): string {
  const hosts = ['rest.address', 'rest.bind-address', 'jobmanager.rpc.address', 'jobmanager.bind-host']
  hosts.push('taskmanager.host', 'taskmanager.bind-host', 'sql-gateway.endpoint.rest.address')
  return [
    ...hosts.map((key) => `${key}: 127.0.0.1`),
    `sql-gateway.endpoint.rest.port: ${port}`,
    'execution.target: local',
    // The result mode of a client without a terminal.
    'sql-client.execution.result-mode: TABLEAU',
    '',
  ].join('\n')
}
