import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { GcsAccess } from '@/server/locations/storage-access'
import { installGoProgram } from '../peers/install-go-program.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'

/** Google has no emulator for Cloud Storage. This is the one that users of its libraries test with. */
const MODULE = 'github.com/fsouza/fake-gcs-server@v1.56.1'
const READY_TIMEOUT_MS = 300_000

export type GcsServer = {
  endpoint: string
  /** Exists from the start and is empty. */
  bucket: string
  /** Access to the whole bucket; the server does not authenticate requests. */
  access: GcsAccess
  stop: () => Promise<void>
}

/** Null, with a message, when it is not available; see {@link installGoProgram}. */
export function installGcsServer(): string | null {
  return installGoProgram(MODULE)
}

/** fake-gcs-server on a free port of this machine, in memory only. @throws when it is not available */
export async function startGcsServer(bucket = 'lake'): Promise<GcsServer> {
  const program = installGcsServer()
  if (program === null) throw new Error('fake-gcs-server is not available.')
  const seed = mkdtempSync(path.join(tmpdir(), 'lakeshore-gcs-'))
  mkdirSync(path.join(seed, bucket))
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const listenArgs = [
    '-scheme',
    'http',
    '-host',
    '127.0.0.1',
    '-port',
    String(port),
    '-public-host',
    `127.0.0.1:${port}`,
  ]
  try {
    const { stop } = await startServer({
      name: 'fake-gcs-server',
      command: program,
      args: [...listenArgs, '-external-url', endpoint, '-backend', 'memory', '-data', seed, '-log-level', 'error'],
      env: {},
      readyUrl: `${endpoint}/storage/v1/b/${bucket}`,
      readyTimeoutMs: READY_TIMEOUT_MS,
    })
    const access: GcsAccess = { kind: 'gcs', roots: [`gs://${bucket}`], endpoint, credentials: { kind: 'anonymous' } }
    return { endpoint, bucket, access, stop }
  } finally {
    rmSync(seed, { recursive: true })
  }
}
