import { FirstView, pageAddress } from '@/app/first-view'
import { FileList } from '@/components/files/file-list'
import { filesQuery } from '@/lib/client/files'
import { asOfFromQuery, tabMetadata, type TableParams, tableFromParams } from '@/lib/paths'

export const generateMetadata = tabMetadata('files')

export default async function FilesPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { asOf } = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView queries={[filesQuery(table, asOf)]}>
      <FileList />
    </FirstView>
  )
}
