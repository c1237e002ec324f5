import Link from 'next/link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { CatalogBehind } from '@/lib/contract/shapes/lake'
import { ERROR_CODES } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'

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
          {reasonText(one)} {one.reason !== 'not-begun' && <CompleteUpTo atMs={one.completeAtMs} />}
        </p>
      ))}
    </WarningNote>
  )
}

function CompleteUpTo({ atMs }: { atMs: number | null }) {
  if (atMs === null) return 'Not all of its tables have been read yet.'
  return (
    <>
      Its figures are complete up to <RelativeTime atMs={atMs} />.
    </>
  )
}

function reasonText({ reason, code }: CatalogBehind): string {
  switch (reason) {
    case 'problem':
      return code === null ? 'cannot be read.' : `cannot be read. ${ERROR_CODES[code].title}.`
    case 'stopped':
      return 'is not read: no worker adds its changes to the history.'
    case 'unread':
      return 'has tables that could not be read.'
    case 'late':
      return 'has tables that were not read in time.'
    case 'truncated':
      return 'has more tables than are read.'
    case 'not-begun':
      return 'has not been read yet.'
  }
}
