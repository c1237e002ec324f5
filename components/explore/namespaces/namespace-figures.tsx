import Link from 'next/link'
import { TagList } from '@/components/about/tag-list'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { RowCount } from '@/components/ui/values/row-count'
import type { Listing } from '@/components/ui/table/listing'
import { formatQuantity } from '@/lib/format/count'
import { readAbout } from '@/lib/iceberg/properties/about'
import { type Entry, sumFigures } from './entry'
import classes from './namespaces.module.css'

/** The figures below a namespace's name. Sums are shown once all its tables are loaded. */
export function NamespaceFigures({
  entries,
  counts,
  properties,
  openProposals,
}: {
  entries: Listing<Entry>
  counts: Readonly<Record<Entry['kind'], number>>
  properties: Readonly<Record<string, string>>
  openProposals: { count: number; href: string }
}) {
  const totals = entries.isWhole ? sumFigures(entries.rows) : null
  const unknownReason = 'some tables could not be read'
  const { description, owner, tags } = readAbout(properties)
  return (
    <>
      {description !== null && (
        <p className={classes.description} title={description}>
          {description}
        </p>
      )}
      <div className={classes.figures}>
        {openProposals.count > 0 && (
          <Link href={openProposals.href} prefetch={false}>
            {formatQuantity(openProposals.count, 'open proposal')}
          </Link>
        )}
        <span>
          <b>
            <Count value={counts.table} />
          </b>{' '}
          {counts.table === 1 ? 'table' : 'tables'}
        </span>
        {counts.view > 0 && (
          <span>
            <b>
              <Count value={counts.view} />
            </b>{' '}
            {counts.view === 1 ? 'view' : 'views'}
          </span>
        )}
        {counts.namespace > 0 && (
          <span>
            <b>
              <Count value={counts.namespace} />
            </b>{' '}
            {counts.namespace === 1 ? 'child namespace' : 'child namespaces'}
          </span>
        )}
        {totals && (
          <>
            <span>
              <b>
                <RowCount {...totals} reason={unknownReason} />
              </b>{' '}
              {totals.rowCount === 1 ? 'row' : 'rows'}
            </span>
            <span>
              <b>
                <Bytes value={totals.liveBytes} reason={unknownReason} />
              </b>{' '}
              live bytes
            </span>
          </>
        )}
        {owner !== null && (
          <span>
            owner <b>{owner}</b>
          </span>
        )}
        <TagList tags={tags} />
      </div>
    </>
  )
}
