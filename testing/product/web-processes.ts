import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { buildIfStale } from '../../scripts/build.ts'
import { NODE_ARGS, WEB_ARGS } from '../../scripts/node-args.ts'
import { CATALOG } from './console-client.ts'
import { createToken } from './lakeshore.ts'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'
import { type ServerProcess, startServer } from '../processes/server-process.ts'

/** A web server of the product on a separate port. */
export type WebProcess = ServerProcess & {
  /** The URL of the embedded catalog: clients add `/namespaces/…`. */
  catalogUri: string
}

export type WebProcesses = {
  processes: WebProcess[]
  /** A token of an admin, for the REST catalog of each. */
  token: string
  stop: () => Promise<void>
}

const READY_TIMEOUT_MS = 300_000
const VERB_TIMEOUT_MS = 300_000

/**
 * Starts web servers of the built product on one new home in `folder`, as on machines that share it. They are not
 * supervised, so a server that dies is not restarted.
 */
export async function startWebProcesses(
  folder: string,
  count: number,
  settings: Record<string, string> = {},
): Promise<WebProcesses> {
  await buildIfStale()
  const env = {
    ...settings,
    NODE_ENV: 'production',
    LAKESHORE_HOME: path.join(folder, 'home'),
    LAKESHORE_ADMIN_PASSWORD: randomBytes(18).toString('base64url'),
  }
  const run = (...verb: string[]) =>
    runToEnd('node', [...NODE_ARGS, 'build/cli.mjs', ...verb], { timeoutMs: VERB_TIMEOUT_MS, env })
  await run('init')
  const token = await createToken(run)

  const processes: WebProcess[] = []
  const stop = async () => {
    await Promise.all(processes.map((one) => one.stop()))
  }
  try {
    for (let number = 1; number <= count; number += 1) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const server = await startServer({
        name: `web-${number}`,
        command: 'node',
        args: [...WEB_ARGS, 'build/web.mjs'],
        env: { ...env, LAKESHORE_PORT: String(port) },
        readyUrl: `${url}/readyz`,
        readyTimeoutMs: READY_TIMEOUT_MS,
      })
      processes.push({ ...server, catalogUri: `${url}/iceberg/v1/${CATALOG}` })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { processes, token, stop }
}
