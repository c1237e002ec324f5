import 'server-only'
import type { FoundHit } from '@/lib/contract/search'

/** A hit with the facts that decide its rank. `path`: the names of its parents. */
export type RankedHit = FoundHit & { path: string; changedAtMs: number | null }
