import type { Metadata } from 'next'
import { FirstView, pageAddress } from '@/app/first-view'
import { WarehousePage } from '@/components/explore/warehouse/warehouse-page'
import { warehouseQuery } from '@/lib/client/warehouse'

type Props = { params: Promise<{ catalog: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Warehouse · ${(await params).catalog}` }
}

export default async function Warehouse({ params }: Props) {
  const catalog = decodeURIComponent((await params).catalog)
  const { searchParams } = await pageAddress()
  return (
    <FirstView queries={[warehouseQuery(catalog, searchParams.get('folder'))]}>
      <WarehousePage catalog={catalog} />
    </FirstView>
  )
}
