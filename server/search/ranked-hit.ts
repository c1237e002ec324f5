import 'server-only'
import type { FoundHit } from '@/lib/contract/search'

/** A hit with what decides its rank. `path`: the names that it is in. */
export type RankedHit = FoundHit & { path: string; changedAtMs: number | null }
