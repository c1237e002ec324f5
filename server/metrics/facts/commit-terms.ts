import 'server-only'
import type { Term } from '@/lib/facts/terms'

/** The terms of commits. Facts of these terms without an operation are of tables that were dropped or replaced. */
export const COMMIT_TERMS: readonly Term[] = ['came-in', 'removed', 'moved', 'replaced', 'rewritten']
