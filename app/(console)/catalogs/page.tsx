import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { ExploreRoot } from '@/components/explore/catalogs/explore-root'
import { catalogDetailsQuery, catalogsQuery } from '@/lib/client/catalogs'

export const metadata: Metadata = { title: 'Explore' }

export default function CatalogsPage() {
  return (
    <FirstView queries={[catalogsQuery(), catalogDetailsQuery()]}>
      <ExploreRoot />
    </FirstView>
  )
}
