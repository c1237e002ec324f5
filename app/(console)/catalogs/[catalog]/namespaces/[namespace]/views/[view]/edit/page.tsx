import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { EditViewPage } from '@/components/views/edit/edit-view-page'
import { viewQuery } from '@/lib/client/views'
import { pageTitle } from '@/app/page-titles'
import { type ViewParams, viewFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<ViewParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Edit ${await pageTitle(await params)}` }
}

export default async function EditView({ params }: Props) {
  const view = viewFromParams(await params)
  return (
    <FirstView queries={[viewQuery(view)]}>
      <EditViewPage view={view} />
    </FirstView>
  )
}
