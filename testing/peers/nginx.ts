import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'
import { type ServerProcess, startServer } from '../processes/server-process.ts'

const FOLDER = path.resolve('.cache/nginx')
const INSTALL_TIMEOUT_MS = 600_000
const READY_TIMEOUT_MS = 60_000

/**
 * Finds nginx on this machine, or unpacks Debian's package into a private folder. It changes nothing else on the
 * machine.
 *
 * @throws when neither is available
 */
export async function installNginx(): Promise<string> {
  const candidates = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'nginx'))
  const installed = candidates.find((file) => existsSync(file))
  if (installed !== undefined) return installed
  const program = 'usr/sbin/nginx'
  if (!existsSync(FOLDER)) {
    const draft = `${FOLDER}.${process.pid}`
    mkdirSync(draft, { recursive: true })
    try {
      const runOptions = { timeoutMs: INSTALL_TIMEOUT_MS, cwd: draft }
      await runToEnd('sh', ['-c', 'apt-get download nginx && dpkg -x nginx_*.deb .'], runOptions)
      // Another process may have been faster; its program is as good.
      if (!existsSync(FOLDER)) renameSync(draft, FOLDER)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  return path.join(FOLDER, program)
}

/**
 * Starts nginx with a site.
 *
 * @param folder for its own files
 * @param site the configuration of its servers, which listen on the loopback
 */
export async function startNginx(folder: string, site: string): Promise<ServerProcess> {
  const readyPort = await freePort()
  const tempFolders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const configuration = [
    // Started by root, nginx would switch to a user who may not enter the folder.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr;',
    'events {}',
    'http {',
    'access_log off;',
    ...tempFolders.map((name) => `${name}_temp_path ${folder}/${name};`),
    `server { listen 127.0.0.1:${readyPort}; return 204; }`,
    site,
    '}',
  ]
  const file = path.join(folder, 'nginx.conf')
  writeFileSync(file, configuration.join('\n'))
  return startServer({
    name: 'nginx',
    command: await installNginx(),
    args: ['-e', 'stderr', '-c', file],
    env: {},
    readyUrl: `http://127.0.0.1:${readyPort}`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
}
