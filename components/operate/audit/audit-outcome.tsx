import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashedCheck,
  IconHelpCircle,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react'
import type { AuditEntryView } from '@/lib/contract/audit'
import classes from './audit.module.css'

type Outcome = AuditEntryView['outcome']

export const OUTCOME_LOOKS: Readonly<Record<Outcome, { icon: TablerIcon; word: string }>> = {
  done: { icon: IconCheck, word: 'done' },
  refused: { icon: IconBan, word: 'refused' },
  failed: { icon: IconAlertTriangle, word: 'failed' },
  'found-done': { icon: IconCircleDashedCheck, word: 'found done' },
  'not-committed': { icon: IconX, word: 'not committed' },
  unknown: { icon: IconHelpCircle, word: 'unknown' },
}

/** How an entry ended, with its icon. */
export function AuditOutcome({ outcome }: { outcome: Outcome }) {
  const { icon: Icon, word } = OUTCOME_LOOKS[outcome]
  return (
    <span className={classes.outcome} data-outcome={outcome}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {word}
    </span>
  )
}
