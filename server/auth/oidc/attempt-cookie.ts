import 'server-only'
import { EncryptJWT, jwtDecrypt } from 'jose'
import * as z from 'zod'
import type { Keys } from '@/server/auth/keys'
import type { SignInAttempt } from './identity-provider'

/** In seconds: how long a person may take at the provider. */
export const ATTEMPT_SECONDS = 600
/** Tabs in which a sign-in is under way at once; starting another forgets the oldest. */
const MAX_ATTEMPTS = 3
const MAX_NEXT_CHARS = 512

const attempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** The page to go to afterwards. */
  next: z.string().nullable(),
  untilMs: z.number(),
})
export type StoredAttempt = SignInAttempt & { next: string | null; untilMs: number }

/** The attempts of this browser that have not ended; empty for a cookie that is not ours. */
export async function readAttempts(keys: Keys, cookie: string | undefined, nowMs: number): Promise<StoredAttempt[]> {
  if (!cookie) return []
  const decrypted = await jwtDecrypt(cookie, keys.derive('provider sign-ins'), {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
    currentDate: new Date(nowMs),
  }).catch(() => null) // not ours, or too old
  const attempts = z.array(attempt).safeParse(decrypted?.payload['attempts']).data ?? []
  return attempts.filter(({ untilMs }) => nowMs < untilMs)
}

/** Encrypted, so that neither scripts nor programs on the way learn what the provider has to return. */
export function writeAttempts(keys: Keys, attempts: readonly StoredAttempt[], nowMs: number): Promise<string> {
  return new EncryptJWT({ attempts: attempts.slice(-MAX_ATTEMPTS) })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(Math.floor(nowMs / 1000) + ATTEMPT_SECONDS)
    .encrypt(keys.derive('provider sign-ins'))
}

export function toStoredAttempt(attemptOfNow: SignInAttempt, next: string | null, nowMs: number): StoredAttempt {
  const isRetained = next !== null && next.length <= MAX_NEXT_CHARS
  return { ...attemptOfNow, next: isRetained ? next : null, untilMs: nowMs + ATTEMPT_SECONDS * 1000 }
}
