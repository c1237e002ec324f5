import { FirstView, pageAddress } from '@/app/first-view'
import { FilesTab } from '@/components/table/files/files-tab'
import { filesQuery } from '@/lib/client/table/files'
import { FILE_SORTS, findSort } from '@/lib/contract/table/file-sorts'
import { tabMetadata } from '@/app/page-titles'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('files')

export default async function FilesPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { searchParams } = await pageAddress()
  const { asOf } = asOfFromQuery(searchParams)
  // Other levels are loaded with their code.
  const isOtherLevel = searchParams.has('level') || searchParams.has('file')
  const listing = {
    manifest: searchParams.get('manifest'),
    filter: searchParams.get('q')?.trim() ?? '',
    sort: findSort(FILE_SORTS, searchParams.get('sort')),
  }
  return (
    <FirstView queries={isOtherLevel ? [] : [filesQuery(table, asOf, listing)]}>
      <FilesTab />
    </FirstView>
  )
}
