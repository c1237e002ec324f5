import Link from 'next/link'
import { CatalogProblem } from '@/components/explore/catalogs/catalog-problem'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { LakeCoverage } from '@/lib/contract/shapes/lake'
import { ERROR_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './dashboards.module.css'
import { TableLink } from '@/components/about/table-link'

/**
 * Lists the tables and catalogs that the figures of a page leave out, and why. Renders nothing if they are complete.
 */
export function LakeProblems({ reading }: { reading: LakeCoverage }) {
  const { unreadable, unreadableCount, unreachable, isTruncated, tableCount } = reading
  if (unreadableCount === 0 && unreachable.length === 0 && !isTruncated) return null
  return (
    <WarningNote isLive>
      <div className={classes.missing}>
        {isTruncated && (
          <p>
            The lake has more tables than one page reads. These figures cover {formatQuantity(tableCount, 'table')}.
          </p>
        )}
        {unreachable.map(({ catalog, ...problem }) => (
          <p key={catalog}>
            <Link href={paths.catalog(catalog)}>{catalog}</Link> is missing from these figures, or incomplete:{' '}
            <CatalogProblem problem={problem} />
          </p>
        ))}
        {unreadableCount > 0 && (
          <details>
            <summary>
              {formatQuantity(unreadableCount, 'table')} could not be read and {unreadableCount === 1 ? 'is' : 'are'}{' '}
              not in these figures
            </summary>
            <ul>
              {unreadable.map(({ table, code, detail }) => (
                <li key={JSON.stringify(table)}>
                  <TableLink table={table} />: {ERROR_CODES[code].title}. {detail}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </WarningNote>
  )
}
