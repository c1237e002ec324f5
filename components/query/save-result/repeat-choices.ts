import {
  type Repeat,
  REPEAT_LABELS,
  REPEATS,
  toCron as toCronOfTimes,
} from '@/components/about/schedules/repeat-choices'

/** Once, or when a saved result is repeated. */
export type RepeatChoice = Repeat | 'once' | 'tables'

export const REPEAT_CHOICES: readonly { value: RepeatChoice; label: string }[] = [
  { value: 'once', label: 'Once, now' },
  ...REPEATS.map((value) => ({ value, label: REPEAT_LABELS[value] })),
  { value: 'tables', label: 'After its tables changed' },
]

/** The cron expression of a choice; null without times. */
export function toCron(choice: RepeatChoice, own: string): string | null {
  return choice === 'once' || choice === 'tables' ? null : toCronOfTimes(choice, own)
}
