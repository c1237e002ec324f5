import { TableBadgeIcon } from '@/components/about/badges-of-page'
import Link from 'next/link'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import { paths } from '@/lib/paths/paths'
import classes from './audit.module.css'
import { targetText } from './describe-entry'

/** The target of an entry, as a link if it has a page. */
export function AuditTarget({ entry }: { entry: Pick<AuditEntryView, 'table' | 'namespace' | 'subject'> }) {
  const text = targetText(entry)
  const href = targetHref(entry)
  const catalog = entry.table?.catalog ?? entry.namespace?.catalog
  if (text === '') return null
  return (
    <span>
      {catalog !== undefined && <span className={classes.quiet}>{catalog} </span>}
      {entry.subject && isNamedKind(entry.subject.kind) && <span className={classes.quiet}>{entry.subject.kind} </span>}
      {href === null ? (
        <span className={classes.name}>
          <VisibleText>{text}</VisibleText>
        </span>
      ) : (
        <Link href={href} className={classes.name} prefetch={false}>
          <VisibleText>{text}</VisibleText>
        </Link>
      )}
      {entry.table && <TableBadgeIcon table={entry.table} />}
    </span>
  )
}

/** Whether the name alone leaves open what it is. */
function isNamedKind(kind: string): boolean {
  return kind !== 'console' && kind !== 'audit'
}

function targetHref({ table, namespace, subject }: Pick<AuditEntryView, 'table' | 'namespace' | 'subject'>) {
  if (table) {
    return table.isView
      ? paths.view({ catalog: table.catalog, namespace: table.namespace, view: table.table })
      : paths.table(table, 'history')
  }
  if (namespace) return paths.namespace(namespace.catalog, namespace.namespace)
  switch (subject?.kind) {
    case 'run':
      return subject.id === null ? null : paths.run(subject.id)
    case 'token':
      return paths.tokens()
    case 'connection':
      return paths.connections()
    case 'schedule':
      return paths.jobs()
    default:
      return null
  }
}
