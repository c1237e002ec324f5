import Link from 'next/link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { Ingestion } from '@/lib/contract/dashboards'
import { ERROR_CODES } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'

type CatalogBehind = Ingestion['behind'][number]

/** Says which catalogs have figures that are not current. Renders nothing if there are none. */
export function CatalogsBehind({ behind }: { behind: readonly CatalogBehind[] }) {
  if (behind.length === 0) return null
  return (
    <WarningNote isLive>
      {behind.map((one) => (
        <p key={one.catalog} className="bare">
          <Link href={paths.catalog(one.catalog)} prefetch={false}>
            {one.catalog}
          </Link>{' '}
          {reasonText(one)}{' '}
          {one.completeAtMs === null ? (
            'Not all of its tables have been read yet.'
          ) : (
            <>
              Its figures are complete up to <RelativeTime atMs={one.completeAtMs} />.
            </>
          )}
        </p>
      ))}
    </WarningNote>
  )
}

function reasonText({ reason, code }: CatalogBehind): string {
  switch (reason) {
    case 'problem':
      return code === null ? 'cannot be read.' : `cannot be read. ${ERROR_CODES[code].title}.`
    case 'unread':
      return 'has tables that could not be read.'
    case 'late':
      return 'has tables that were not read in time.'
    case 'truncated':
      return 'has more tables than are read.'
  }
}
