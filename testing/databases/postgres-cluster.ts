import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'
import { type PostgresAge, installPostgres } from './install-postgres.ts'
import { type CertificateFiles, writeSelfSignedCertificate } from '../processes/self-signed-certificate.ts'
import { type SystemUser, findUnprivilegedUser } from '../processes/unprivileged-user.ts'

const INITDB_TIMEOUT_MS = 300_000
const VERSION_TIMEOUT_MS = 60_000

/** `c` compares text by its bytes, `icu` by the rules of English; the oldest version has no `icu`. */
export type PostgresCollation = 'c' | 'icu'

export type Cluster = {
  /** The parent of everything below, owned by the server; the caller that stops the server removes it. */
  folder: string
  dataDir: string
  /** The path of the program `postgres`. */
  program: string
  /** The password of the superuser `postgres`. */
  password: string
  certificate: CertificateFiles | null
  /** The user that runs the server; null for the user of this process. */
  user: SystemUser | null
}

export type ClusterOptions = { age: PostgresAge; collation: PostgresCollation; password: string; isTls: boolean }

/** Creates an empty cluster in a temporary folder. @throws when the program is not available */
export async function createCluster({ age, collation, password, isTls }: ClusterOptions): Promise<Cluster> {
  if (age === 'oldest' && collation === 'icu')
    throw new Error('The oldest PostgreSQL cannot order the text of a whole cluster by ICU: use the newest.')
  const installed = await installPostgres(age)
  const user = await findUnprivilegedUser()
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-postgres-'))
  try {
    const bin = path.join(await ensureReachable(user, installed, folder), 'bin')
    const dataDir = path.join(folder, 'data')
    const passwordFile = path.join(folder, 'password')
    writeFileSync(passwordFile, password, { mode: 0o600 })
    const certificate = isTls ? await writeSelfSignedCertificate(folder) : null
    if (certificate) chmodSync(certificate.key, 0o600)
    for (const file of [folder, passwordFile, certificate?.cert, certificate?.key])
      if (file && user) chownSync(file, user.uid, user.gid)
    const localeArgs = collation === 'icu' ? ['--locale-provider=icu', '--icu-locale=en-US'] : []
    const authArgs = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    await runToEnd(
      path.join(bin, 'initdb'),
      [`--pgdata=${dataDir}`, ...authArgs, '--encoding=UTF8', '--locale=C', ...localeArgs, '--no-sync'],
      { timeoutMs: INITDB_TIMEOUT_MS, cwd: folder, user },
    )
    if (isTls) writeFileSync(path.join(dataDir, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n')
    return { folder, dataDir, program: path.join(bin, 'postgres'), password, certificate, user }
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
}

/** The program, or a copy of it in the folder if the user cannot reach it, for example below root's home. */
async function ensureReachable(user: SystemUser | null, program: string, folder: string): Promise<string> {
  if (user === null) return program
  chmodSync(folder, 0o755)
  const runOptions = { timeoutMs: VERSION_TIMEOUT_MS, cwd: folder, user }
  try {
    await runToEnd(path.join(program, 'bin/postgres'), ['--version'], runOptions)
    return program
  } catch {
    const copy = path.join(folder, 'program')
    cpSync(program, copy, { recursive: true, verbatimSymlinks: true })
    await runToEnd('chmod', ['-R', 'a+rX', copy], { timeoutMs: VERSION_TIMEOUT_MS })
    return copy
  }
}
