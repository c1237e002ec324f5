import { CopyButton } from '@/components/ui/controls/copy-button'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { PathText } from '@/components/ui/values/path-text'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditDetail } from '@/lib/contract/audit'
import { formatCount } from '@/lib/format/count'
import classes from './audit.module.css'
import { AuditEntryLink } from './audit-entry-link'
import { AuditTarget } from './audit-target'
import { operationName, targetText, entryOrigin } from './describe-entry'

/** Time, user, origin, target and ids. */
export function AuditEntryFacts({ detail: { entry, metadata } }: { detail: AuditDetail }) {
  const { refusal } = entry
  const facts: Fact[] = [
    ['When', <ExactTime key="when" atMs={entry.atMs} />],
    ['Who', <VisibleText key="who">{entry.actor}</VisibleText>],
    ['From', <VisibleText key="from">{entryOrigin(entry)}</VisibleText>],
    ...(targetText(entry) === '' ? [] : [['On', <AuditTarget key="on" entry={entry} />] as const]),
    ...(refusal === null
      ? []
      : [
          ['Refused', operationName(refusal.operation)] as const,
          [
            'Reason',
            <span key="reason" className="removed">
              {refusal.reason}
            </span>,
          ] as const,
          ...(refusal.count > 1 ? [['Times', `${formatCount(refusal.count)} within a minute`] as const] : []),
        ]),
    ...(entry.undoes === null
      ? []
      : [
          [
            'Undoes',
            <AuditEntryLink key="undoes" auditId={entry.undoes}>
              the entry
            </AuditEntryLink>,
          ] as const,
        ]),
    ...(metadata.before === null
      ? []
      : [['Metadata before', <PathText key="before">{metadata.before}</PathText>] as const]),
    ...(metadata.after === null
      ? []
      : [['Metadata after', <PathText key="after">{metadata.after}</PathText>] as const]),
    ...(entry.requestId === null
      ? []
      : [['Request', <Id key="request" id={entry.requestId} label="request id" />] as const]),
    ['Entry', <Id key="entry" id={entry.id} label="entry id" />],
  ]
  return <Facts facts={facts} />
}

function Id({ id, label }: { id: string; label: string }) {
  return (
    <span className={classes.id}>
      <Mono title={id}>{id}</Mono>
      <CopyButton value={id} label={label} size={24} />
    </span>
  )
}
