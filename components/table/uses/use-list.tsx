import Link from 'next/link'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { TableUse } from '@/lib/contract/table/uses'
import { paths } from '@/lib/paths/paths'
import { describeUse, usedByLabel } from '@/lib/uses/use-texts'
import classes from './use-list.module.css'

/** The uses of a table of a catalog, or of one of its columns, each with its kind and the columns that it names. */
export function UseList({ uses, label, catalog }: { uses: readonly TableUse[]; label: string; catalog: string }) {
  return (
    <ul className={classes.list} {...{ 'aria-label': label, tabIndex: 0 }}>
      {uses.map((use, i) => (
        <li key={`${use.kind} ${use.id ?? ''} ${i}`}>
          <span className={classes.name}>
            <UseLink use={use} catalog={catalog} />
          </span>
          <span className="quiet">{describeUse(use, catalog)}</span>
        </li>
      ))}
    </ul>
  )
}

function UseLink({ use, catalog }: { use: TableUse; catalog: string }) {
  const href = hrefOf(use)
  const label = <VisibleText>{usedByLabel(use, catalog)}</VisibleText>
  if (href === null) return label
  return (
    <Link href={href} prefetch={false}>
      {label}
    </Link>
  )
}

function hrefOf({ kind, entry, id }: TableUse): string | null {
  if (kind === 'schedule') return paths.jobs()
  if (kind === 'query') return id === null ? null : paths.savedQuery(id)
  if (entry === null) return null
  const { catalog, namespace, name } = entry
  const view = { catalog, namespace, view: name }
  const table = { catalog, namespace, table: name }
  if (kind === 'proposal' && id !== null) return paths.proposal(entry.kind === 'view' ? view : table, id)
  return entry.kind === 'view' ? paths.view(view) : `${paths.table(table, 'snapshots')}?step=checks`
}
