import type { ActionReviewProps } from '@/components/changes/action/action-review'

/** The problem of a panel about a snapshot that the table does not have. */
export function missingSnapshot(onBack: () => void): NonNullable<ActionReviewProps['problem']> {
  return {
    title: 'No such snapshot',
    next: 'It may have expired, or the address is wrong. Choose a snapshot from the list.',
    back: { label: 'Back to the snapshots', onBack },
    isFinal: true,
  }
}
