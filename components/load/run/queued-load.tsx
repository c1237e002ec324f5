import Link from 'next/link'
import { stateName } from '@/components/about/run-state'
import { tableLabel } from '@/components/about/table-link'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { RunQueue } from '@/lib/contract/jobs'
import { MAX_SMALL_LOAD_BYTES } from '@/lib/contract/loads/load-lanes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './load-run.module.css'

/** How many loads are before one that waits, and whose they are. */
export function QueuedLoad({ queue: { lane, aheadCount, runs } }: { queue: RunQueue }) {
  if (aheadCount === 0)
    return (
      <p className={classes.note} role="status">
        The load is the next one, and waits for a free worker.
      </p>
    )
  const othersCount = aheadCount - runs.length
  return (
    <div className={classes.note}>
      <p className="bare" role="status">
        The load waits in place {formatCount(aheadCount + 1)}: {formatQuantity(aheadCount, 'load')}{' '}
        {lane === 'small' && `of up to ${MAX_SMALL_LOAD_BYTES / 2 ** 20} MiB `}
        {aheadCount === 1 ? 'is' : 'are'} before it, and one runs at a time.
        {lane === 'small' && ' It does not wait for larger ones.'}
      </p>
      {runs.length > 0 && (
        <ul className={classes.ahead} aria-label="Loads before it">
          {runs.map(({ id, actor, table, state }) => (
            <li key={id}>
              <Link href={paths.loadRun(id)}>
                The load of <VisibleText>{actor}</VisibleText>
              </Link>
              {table !== null && (
                <>
                  {' '}
                  into{' '}
                  <Link href={paths.table(table)} prefetch={false}>
                    {tableLabel(table)}
                  </Link>
                </>
              )}
              , {stateName(state)}
            </li>
          ))}
          {othersCount > 0 && (
            <li>
              and {formatCount(othersCount)} {othersCount === 1 ? 'other' : 'others'}
            </li>
          )}
        </ul>
      )}
    </div>
  )
}
