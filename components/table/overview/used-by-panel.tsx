'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { countUses, usedByLabel } from '@/components/changes/action/used-by-note'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Panel } from '@/components/ui/panel'
import { VisibleText } from '@/components/ui/values/visible-text'
import { tableUsesQuery } from '@/lib/client/table/uses'
import type { TableUse } from '@/lib/contract/table/uses'
import { entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './used-by-panel.module.css'

const MAX_NAMED_COLUMNS = 3

/** The views, checks, saved queries, schedules and proposals that use the table now. */
export function UsedByPanel() {
  const { table } = useShownTable()
  const query = useQuery(tableUsesQuery(table))
  const { data } = query
  return (
    <Panel title="Used by" {...(data && data.uses.length > 0 && { subtitle: countUses(data.uses) })}>
      <Unloaded query={query} subject={entryLabel(table)} skeleton={[3, 2, 'Looking for what uses the table']} />
      {data && (
        <>
          {data.uses.length > 0 && (
            <ul className={classes.list} {...{ 'aria-label': 'What uses the table', tabIndex: 0 }}>
              {data.uses.map((use, i) => (
                <li key={`${use.kind} ${use.id ?? ''} ${i}`}>
                  <span className={classes.name}>
                    <UseLink use={use} />
                  </span>
                  <span className="quiet">{describeUse(use)}</span>
                </li>
              ))}
            </ul>
          )}
          <p className={classes.limits}>
            {data.uses.length === 0 &&
              'No view, check, saved query, schedule or proposal that you may read uses the table. '}
            {data.isTruncated && 'There may be more than Lakeshore has looked at. '}
            {data.missingCatalogs.length > 0 &&
              `Not everything in ${data.missingCatalogs.join(', ')} could be looked at. `}
            Engines and programs outside of Lakeshore are not known.
          </p>
        </>
      )}
    </Panel>
  )
}

/** Saved queries and schedules have no address of their own. */
function UseLink({ use }: { use: TableUse }) {
  const href = hrefOf(use)
  const label = <VisibleText>{usedByLabel(use)}</VisibleText>
  if (href === null) return label
  return (
    <Link href={href} prefetch={false}>
      {label}
    </Link>
  )
}

function hrefOf({ kind, entry, id }: TableUse): string | null {
  if (entry === null) return null
  const { catalog, namespace, name } = entry
  const view = { catalog, namespace, view: name }
  const table = { catalog, namespace, table: name }
  if (kind === 'proposal' && id !== null) return paths.proposal(entry.kind === 'view' ? view : table, id)
  return entry.kind === 'view' ? paths.view(view) : `${paths.table(table, 'snapshots')}?step=checks`
}

const KINDS: Readonly<Record<TableUse['kind'], string>> = {
  view: 'view',
  check: 'check',
  query: 'saved query',
  schedule: 'schedule',
  proposal: 'proposal',
}

function describeUse({ kind, owner, entry, certainty, columns }: TableUse): string {
  const of = kind === 'check' && entry !== null ? ` of ${entry.name}` : owner === null ? '' : ` by ${owner}`
  return `${KINDS[kind]}${of}${kind === 'schedule' ? '' : `, ${describeColumns(certainty, columns)}`}`
}

function describeColumns(certainty: TableUse['certainty'], columns: TableUse['columns']): string {
  if (certainty === 'may-read') return 'may read it'
  if (columns === null) return 'every column'
  if (columns.length === 0) return 'names no column'
  const named = columns.slice(0, MAX_NAMED_COLUMNS).join(', ')
  return columns.length > MAX_NAMED_COLUMNS ? `${named} and ${columns.length - MAX_NAMED_COLUMNS} more` : named
}
