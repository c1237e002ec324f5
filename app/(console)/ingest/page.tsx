import type { Metadata } from 'next'
import { FirstView, pageAddress } from '@/app/first-view'
import { LoadPage } from '@/components/load/load-page'
import { schedulesQuery } from '@/lib/client/jobs/runs'
import { tableQuery } from '@/lib/client/table/tables'
import { uploadsQuery } from '@/lib/client/uploads/list-uploads'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { resourceFromQuery } from '@/lib/names/resource-name'

export const metadata: Metadata = { title: 'Load' }

export default async function Load() {
  const { catalog, namespace, table } = resourceFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView queries={catalog && namespace && table ? formQueries({ catalog, namespace, table }) : []}>
      <LoadPage />
    </FirstView>
  )
}

/** Besides the table, what would move the rest of the form if it came later. */
function formQueries(table: TableIdentifier) {
  return [tableQuery(table, {}), uploadsQuery(table), schedulesQuery()]
}
