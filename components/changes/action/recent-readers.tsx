'use client'
import { IconEye } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { readersQuery } from '@/lib/client/table/readers'
import type { TableReaders } from '@/lib/contract/table/readers'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'

const MAX_NAMED = 3

/** A sentence of a review: which engines read the table lately. */
export function RecentReaders({ table }: { table: TableIdentifier }) {
  const { data, error } = useQuery(readersQuery(table))
  return (
    <li>
      <IconEye size={16} stroke={1.6} aria-hidden />
      <span>
        {error ? (
          `Which engines read the table lately could not be read: ${error.message}`
        ) : data === undefined ? (
          'Reading which engines read the table lately…'
        ) : (
          <ReadersText {...data} />
        )}
      </span>
    </li>
  )
}

function ReadersText({ days, readers }: TableReaders) {
  if (readers.length === 0) return `Which engines read the table is unknown: none reported a scan in ${days} days.`
  const named = readers.slice(0, MAX_NAMED)
  return (
    <>
      Read in the last {days} days by{' '}
      {named.map(({ engine, readAtMs, scanCount }, i) => (
        <span key={engine ?? ''}>
          {i > 0 && ', '}
          <strong>{engine ?? 'an unknown engine'}</strong> ({formatQuantity(scanCount, 'scan')}, last{' '}
          <RelativeTime atMs={readAtMs} />)
        </span>
      ))}
      {readers.length > MAX_NAMED && ` and ${formatQuantity(readers.length - MAX_NAMED, 'other engine')}`}. Engines that
      report no scans are not listed.
    </>
  )
}
