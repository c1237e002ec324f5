import type { Metadata } from 'next'
import { FirstView, pageAddress } from '@/app/first-view'
import { LoadPage } from '@/components/load/load-page'
import { tableQuery } from '@/lib/client/table/tables'
import { resourceFromQuery } from '@/lib/names/resource-name'

export const metadata: Metadata = { title: 'Load' }

export default async function Load() {
  const { catalog, namespace, table } = resourceFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView queries={catalog && namespace && table ? [tableQuery({ catalog, namespace, table }, {})] : []}>
      <LoadPage />
    </FirstView>
  )
}
