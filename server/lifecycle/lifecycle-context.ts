import 'server-only'
import type { Actor } from '@/server/auth/actor'

/** Who asks, and by which request. */
export type LifecycleContext = { actor: Actor; requestId: string | null; signal: AbortSignal }
