import { FirstView, pageAddress } from '@/app/first-view'
import { LazyTableSettings } from '@/components/table/settings/lazy-table-settings'
import { filesQuery } from '@/lib/client/table/files'
import { tabMetadata } from '@/app/page-titles'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('settings')

export default async function SettingsPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { asOf } = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView queries={[filesQuery(table, asOf)]}>
      <LazyTableSettings />
    </FirstView>
  )
}
