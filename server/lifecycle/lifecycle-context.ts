import 'server-only'
import type { Actor } from '@/server/auth/actor'

/** The caller, and the request. */
export type LifecycleContext = { actor: Actor; requestId: string | null; signal: AbortSignal }
