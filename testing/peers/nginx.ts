import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { unpackDebianPackage } from './debian-package.ts'
import { freePort } from '../processes/free-port.ts'
import { type ServerProcess, startServer } from '../processes/server-process.ts'

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
  return path.join(await unpackDebianPackage('nginx'), 'usr/sbin/nginx')
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
