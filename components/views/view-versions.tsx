'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { formatQuantity } from '@/lib/format/count'
import classes from './view-about.module.css'

/** The versions of the view, newest first. Opening one shows its SQL and schema. */
export function ViewVersions({
  detail,
  shown,
  onShow,
}: {
  detail: ViewDetail
  shown: ViewVersion
  onShow: (versionId: number) => void
}) {
  const { versions, versionCount, currentVersionId } = detail
  const version: Column<ViewVersion> = {
    id: 'version',
    header: 'Version',
    weight: 'name',
    cell: ({ versionId }) => (
      <>
        {versionId}
        {versionId === currentVersionId && <span className={classes.current}>current</span>}
      </>
    ),
  }
  const subtitle =
    versions.length < versionCount
      ? `the newest ${versions.length} of ${formatQuantity(versionCount, 'version')}`
      : formatQuantity(versionCount, 'version')
  return (
    <Panel title="Versions" subtitle={subtitle} flush>
      <DataTable
        label="Versions"
        columns={[version, ...COLUMNS]}
        rows={versions}
        rowKey={({ versionId }) => String(versionId)}
        selectedKey={String(shown.versionId)}
        onOpen={({ versionId }) => onShow(versionId)}
      />
    </Panel>
  )
}

const COLUMNS: readonly Column<ViewVersion>[] = [
  { id: 'created', header: 'Created', cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} /> },
  {
    id: 'dialects',
    header: 'Dialects',
    cell: ({ representations }) =>
      representations
        .map((representation) =>
          representation.type === 'sql' ? representation.dialect : `${representation.kind} (not SQL)`,
        )
        .join(', '),
  },
  {
    id: 'writer',
    header: 'Writer',
    cell: ({ writer }) => writer ?? <Unknown reason="not in the summary of this version" />,
  },
]
