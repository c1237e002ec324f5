import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { RequestAccessButton } from '@/components/admin/access/requests/request-access-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { AppError } from '@/lib/errors'
import { formatExactTime } from '@/lib/format/time'
import { entryLabel, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { paths, TABLE_TABS, type TableTab } from '@/lib/paths/paths'
import classes from './table-page.module.css'

/** Why a table, or the requested state of it, cannot be shown, and where to go instead. */
export function MissingState({
  table,
  error,
  onRetry,
}: {
  table: TableIdentifier
  error: Error
  onRetry: (() => void) | null
}) {
  const timeZone = useTimeZone()
  const advice = adviceFor(error, table, timeZone)
  return (
    <div className="page-note">
      <ProblemNote
        error={inTimeZone(error, timeZone)}
        subject={entryLabel(table)}
        title={isAddressProblem(error) ? 'The address is not valid' : undefined}
        next={advice?.text}
        {...(onRetry && { onRetry })}
      />
      {advice?.link && (
        <Button component={Link} href={advice.link.href} variant="default" className={classes.actions ?? ''}>
          {advice.link.label}
        </Button>
      )}
      {mayLackAccess(error) && (
        <div className={classes.actions}>
          <RequestAccessButton on={table} />
        </div>
      )}
    </div>
  )
}

/** The server answers in UTC, and does not know the zone in which the user chose the time. */
function inTimeZone(error: Error, timeZone: string): Error {
  if (!(error instanceof AppError) || error.facts['earliestMs'] === undefined) return error
  const { code, facts, requestId } = error
  const atMs = facts['atMs']
  if (typeof atMs !== 'number') return error
  const message = `The table had no snapshot at ${formatExactTime(atMs, timeZone)}.`
  return new AppError(code, message, { cause: error, facts, ...(requestId !== null && { requestId }) })
}

/** The server reports a table that the user may not read as missing. */
function mayLackAccess(error: Error): boolean {
  if (!(error instanceof AppError)) return false
  return (
    error.code === 'forbidden' ||
    (error.code === 'not-found' && Object.keys(error.facts).every((name) => name === 'missing'))
  )
}

/** Whether the address of the page, not a request, has a value that cannot be read. */
function isAddressProblem(error: Error): boolean {
  return error instanceof AppError && error.code === 'invalid-request' && error.requestId === null
}

type Advice = { text: string; link?: { href: string; label: string } }

/** Null for the usual advice. */
function adviceFor(error: Error, { catalog, namespace, table }: TableIdentifier, timeZone: string): Advice | null {
  if (!(error instanceof AppError)) return null
  const { code, facts } = error
  if (code === 'invalid-request') return { text: 'Correct the address, or go back to now.' }
  if (code !== 'not-found') return null
  if (facts['foundAs'] === 'view') {
    const view = { catalog, namespace, view: table }
    return { text: 'Open it as a view.', link: { href: paths.view(view), label: `Open the view ${table}` } }
  }
  const parent = parentOfMetadataTable(facts, catalog)
  if (parent !== null) {
    const name = entryLabel(parent)
    return {
      text: `Lakeshore shows the same on the page of ${name}.`,
      link: { href: paths.table(parent, tabOf(facts)), label: `Open ${name}` },
    }
  }
  if (facts['refName'] !== undefined) return { text: 'Choose another branch or tag, or go back to now.' }
  if (facts['snapshotId'] !== undefined) return { text: 'Choose another snapshot, or go back to now.' }
  const nowMs = facts['nowMs']
  if (typeof nowMs === 'number') {
    return { text: `It is now ${formatExactTime(nowMs, timeZone)}. Choose an earlier time, or go back to now.` }
  }
  const earliestMs = facts['earliestMs']
  if (typeof earliestMs === 'number') {
    return {
      text: `The first commit was on ${formatExactTime(earliestMs, timeZone)}. Choose a later time, or go back to now.`,
    }
  }
  return facts['atMs'] === undefined ? null : { text: 'The table has no commit yet. Go back to now.' }
}

function parentOfMetadataTable(facts: AppError['facts'], catalog: string): TableIdentifier | null {
  const { ofNamespace, ofTable } = facts
  if (typeof ofNamespace !== 'string' || typeof ofTable !== 'string') return null
  return { catalog, namespace: splitNamespace(ofNamespace), table: ofTable }
}

function tabOf({ tab }: AppError['facts']): TableTab {
  return TABLE_TABS.find((candidate) => candidate === tab) ?? 'overview'
}
