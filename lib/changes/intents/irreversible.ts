import type { Intent } from './intent'

/** Whether a change cannot be reversed, so that its commit cannot be undone. */
export function isIrreversible({ kind }: Intent): boolean {
  return kind === 'upgrade-format-version' || kind === 'expire-snapshots'
}
