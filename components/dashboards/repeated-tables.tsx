import type { LakeReading, TablePlace } from '@/lib/contract/lake'
import { counted } from '@/lib/format/count'
import classes from './dashboards.module.css'
import { TableLink } from './table-link'

/** Names under which tables are found that the figures count under another one. Nothing where each has one name. */
export function RepeatedTables({ reading: { repeated, repeatedCount } }: { reading: LakeReading }) {
  if (repeatedCount === 0) return null
  return (
    <details className={classes.repeated}>
      <summary>
        {counted(repeatedCount, 'table')} found under a second name {repeatedCount === 1 ? 'is' : 'are'} counted once
      </summary>
      <ul>
        {repeated.map(({ place, countedAs }) => (
          <li key={JSON.stringify(place)}>
            <Named place={place} /> is <Named place={countedAs} />
          </li>
        ))}
      </ul>
    </details>
  )
}

function Named({ place }: { place: TablePlace }) {
  return (
    <>
      <TableLink place={place} /> of {place.catalog}
    </>
  )
}
