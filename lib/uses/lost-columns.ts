import type { Intent } from '@/lib/changes/intents/intent'

/** The columns, by their names at the top level, that no longer work after changes, or have less in them. */
export function lostColumns(intents: readonly Intent[]): string[] {
  const names = intents.flatMap((intent) =>
    intent.kind === 'drop-column' || intent.kind === 'rename-column' ? (intent.column[0] ?? []) : [],
  )
  return [...new Set(names)]
}
