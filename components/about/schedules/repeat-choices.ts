/** When work is repeated, as people choose it. */
export const REPEATS = ['hourly', 'nightly', 'weekdays', 'own', 'hand'] as const
export type Repeat = (typeof REPEATS)[number]

export const REPEAT_LABELS: Readonly<Record<Repeat, string>> = {
  hourly: 'Every hour',
  nightly: 'Every night at 2:00',
  weekdays: 'Weekdays at 6:00',
  own: 'Other times',
  hand: 'Only when I start it',
}

const CRONS: Readonly<Partial<Record<Repeat, string>>> = {
  hourly: '0 * * * *',
  nightly: '0 2 * * *',
  weekdays: '0 6 * * 1-5',
}

/** The cron expression of a choice; null without times. */
export function toCron(repeat: Repeat, own: string): string | null {
  if (repeat === 'hand') return null
  return CRONS[repeat] ?? (own.trim() === '' ? null : own.trim())
}
