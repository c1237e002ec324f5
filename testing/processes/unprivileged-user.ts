import { runToEnd } from './run-to-end.ts'

export type SystemUser = { uid: number; gid: number }

const LOOKUP_TIMEOUT_MS = 30_000

/** The user for a program that refuses to run as root: `nobody` when this process is root, otherwise null. */
export async function findUnprivilegedUser(): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => readId(flag)))
  return { uid: Number(uid), gid: Number(gid) }
}

async function readId(flag: string): Promise<number> {
  return Number(await runToEnd('id', [flag, 'nobody'], { timeoutMs: LOOKUP_TIMEOUT_MS }))
}
