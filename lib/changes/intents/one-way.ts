import type { Intent } from './intent'

/** Whether nothing takes a change back, so that the commit it is part of cannot be undone. */
export function isOneWay({ kind }: Intent): boolean {
  return kind === 'upgrade-format-version' || kind === 'expire-snapshots'
}
