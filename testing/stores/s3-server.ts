import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { S3Access } from '@/server/locations/storage-access'
import { installGoProgram } from '../peers/install-go-program.ts'
import { freePort } from '../processes/free-port.ts'

/**
 * versitygw rather than MinIO: it builds in one minute instead of ten, MinIO's module cannot be installed by version,
 * and both support `If-None-Match: *`, also for multipart uploads.
 */
const MODULE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'
const READY_TIMEOUT_MS = 300_000

export type S3Server = {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** Exists from the start and is empty. */
  bucket: string
  /** Access to the whole bucket. */
  access: S3Access
  stop(): Promise<void>
}

/**
 * A real S3 server on a free port of this machine, with a temporary folder; built on first use.
 *
 * @returns null, with a message, when Go or its modules are not available
 * @throws with `CI=true` instead of returning null: in CI, a skipped proof is a failure
 */
export async function startS3Server(bucket = 'lake'): Promise<S3Server | null> {
  const program = installS3Server()
  if (program === null) return null
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-s3-'))
  for (const name of ['objects', 'metadata', `objects/${bucket}`]) mkdirSync(path.join(folder, name))
  const keys = { accessKeyId: 'lakeshore', secretAccessKey: randomBytes(24).toString('base64url') }
  const region = 'us-east-1'
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const args = ['--port', `127.0.0.1:${port}`, '--region', region, '--health', '/health', '--quiet']
  // Not every file system of a test machine has extended attributes.
  const backend = ['posix', '--sidecar', path.join(folder, 'metadata'), path.join(folder, 'objects')]
  const child = spawn(program, [...args, ...backend], {
    env: { ...process.env, ROOT_ACCESS_KEY_ID: keys.accessKeyId, ROOT_SECRET_ACCESS_KEY: keys.secretAccessKey },
    stdio: 'ignore',
  })
  const stop = async () => {
    await killChild(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(`${endpoint}/health`, child)
  } catch (error) {
    await stop()
    throw error
  }
  const access: S3Access = {
    kind: 's3',
    roots: [`s3://${bucket}`],
    endpoint,
    region,
    isPathStyle: true,
    credentials: { kind: 'keys', ...keys },
  }
  return { endpoint, region, ...keys, bucket, access, stop }
}

/** Null, with a message, when it is not available; see {@link installGoProgram}. */
export function installS3Server(): string | null {
  return installGoProgram(MODULE)
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadlineMs && child.exitCode === null) {
    try {
      if ((await fetch(url)).ok) return
    } catch {
      // Not listening yet.
    }
    await wait(50)
  }
  throw new Error(`The S3 server did not become ready (exit ${child.exitCode}).`)
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => void child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
