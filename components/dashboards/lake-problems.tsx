import { IconAlertTriangle } from '@tabler/icons-react'
import type { LakeReading } from '@/lib/contract/lake'
import { ERROR_CODES } from '@/lib/errors'
import { counted } from '@/lib/format/count'
import classes from './dashboards.module.css'
import { TableLink } from './table-link'

/** What is missing from the figures of a page, and why. Nothing where nothing is. */
export function LakeProblems({ reading }: { reading: LakeReading }) {
  const { unreadable, unreadableCount, isCut, tableCount } = reading
  if (unreadableCount === 0 && !isCut) return null
  return (
    <div className={classes.missing} role="status">
      <IconAlertTriangle size={15} stroke={1.6} aria-hidden />
      <div>
        {isCut && (
          <p>The lake has more tables than one page reads: these figures are of {counted(tableCount, 'table')}.</p>
        )}
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
