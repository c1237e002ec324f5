'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { viewColumnsQuery } from '@/lib/client/lifecycle/views'
import type { ViewVersion } from '@/lib/contract/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

/**
 * Says that the current version of a view can no longer be read: a table or a column that its SQL names may be gone. The
 * server plans the SQL, as the editor of views does, and reads no rows. Renders nothing while it does not know.
 */
export function ViewCheck({
  view,
  version,
  canEdit,
}: {
  view: ViewIdentifier
  version: ViewVersion
  canEdit: boolean
}) {
  const sql = version.representations.flatMap((one) => (one.type === 'sql' && one.dialect === 'duckdb' ? [one] : []))[0]
  const { data } = useQuery({
    ...viewColumnsQuery(view, sql ?? { dialect: '', sql: '' }, version),
    enabled: sql !== undefined,
    // A busy server is not asked again: no user waits for this.
    refetchInterval: false,
  })
  if (data?.outcome !== 'refused') return null
  return (
    <div className="page-note">
      <WarningNote isLive>
        <strong>The view cannot be read.</strong> {data.message}
        {canEdit && (
          <>
            {' '}
            <Button component={Link} href={paths.editView(view)} prefetch={false} variant="subtle" size="compact-sm">
              Edit the view
            </Button>
          </>
        )}
      </WarningNote>
    </div>
  )
}
