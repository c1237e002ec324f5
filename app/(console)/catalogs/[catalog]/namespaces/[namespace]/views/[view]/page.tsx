import type { Metadata } from 'next'
import { ViewPage } from '@/components/views/view-page'
import { titleFromParams, type ViewParams, viewFromParams } from '@/lib/paths'

type Props = { params: Promise<ViewParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: titleFromParams(await params) }
}

export default async function View({ params }: Props) {
  return <ViewPage view={viewFromParams(await params)} />
}
