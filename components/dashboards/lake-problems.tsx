import { IconAlertTriangle } from '@tabler/icons-react'
import Link from 'next/link'
import type { LakeReading } from '@/lib/contract/lake'
import { ERROR_CODES } from '@/lib/errors'
import { counted } from '@/lib/format/count'
import { paths } from '@/lib/paths'
import classes from './dashboards.module.css'
import { TableLink } from './table-link'

/** What is missing from the figures of a page, and why. Nothing where nothing is. */
export function LakeProblems({ reading }: { reading: LakeReading }) {
  const { unreadable, unreadableCount, unreachable, isCut, tableCount } = reading
  if (unreadableCount === 0 && unreachable.length === 0 && !isCut) return null
  return (
    <div className={classes.missing} role="status">
      <IconAlertTriangle size={15} stroke={1.6} aria-hidden />
      <div>
        {isCut && (
          <p>The lake has more tables than one page reads: these figures are of {counted(tableCount, 'table')}.</p>
        )}
        {unreachable.map(({ catalog, code, detail }) => (
          <p key={catalog}>
            <Link href={paths.catalog(catalog)}>{catalog}</Link> is not in these figures, or not whole:{' '}
            {ERROR_CODES[code].title}. {detail}
          </p>
        ))}
        {unreadableCount > 0 && (
          <details>
            <summary>
              {counted(unreadableCount, 'table')} could not be read: these figures leave{' '}
              {unreadableCount === 1 ? 'it' : 'them'} out
            </summary>
            <ul>
              {unreadable.map(({ place, code, detail }) => (
                <li key={JSON.stringify(place)}>
                  <TableLink place={place} />: {ERROR_CODES[code].title}. {detail}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  )
}
