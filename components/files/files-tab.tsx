'use client'
import dynamic from 'next/dynamic'
import { loadCode } from '@/components/ui/controls/load-code'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { FileList } from './file-list'
import { FileSteps } from './file-steps'
import { FILE_LEVELS, useFilePlace } from './use-file-place'

const loading = () => <SkeletonRows rows={12} columns={6} />

const LazyFileInspector = dynamic(
  async () => (await loadCode(() => import('./inspector/file-inspector'))).FileInspector,
  { ssr: false, loading },
)
const LazyManifestList = dynamic(async () => (await loadCode(() => import('./manifest-list'))).ManifestList, {
  ssr: false,
  loading,
})

const LazyMetadataFiles = dynamic(async () => (await loadCode(() => import('./metadata-files'))).MetadataFiles, {
  ssr: false,
  loading,
})

const LazyFileSummary = dynamic(async () => (await loadCode(() => import('./file-summary'))).FileSummary, {
  ssr: false,
  loading,
})

const LazyObjectBrowser = dynamic(async () => (await loadCode(() => import('./object-browser'))).ObjectBrowser, {
  ssr: false,
  loading,
})

const LEVEL_CHECK: AddressChecks = {
  level: (value) =>
    FILE_LEVELS.some((level) => level === value)
      ? null
      : `${quoteAddress('level', value)} is not a view of the files. These are the files of the snapshot.`,
}

/** The table's files at the shown snapshot: every level from the metadata log to a single file. */
export function FilesTab() {
  const { place } = useFilePlace()
  return (
    <>
      <FileSteps />
      <AddressProblems checks={LEVEL_CHECK} />
      <Level key={`${place.level} ${place.manifest} ${place.file} ${place.folder}`} />
    </>
  )
}

function Level() {
  const { place } = useFilePlace()
  const { level, manifest, file } = place
  if (file !== null) return <LazyFileInspector file={file} manifest={manifest} />
  if (manifest !== null) return <FileList manifest={manifest} />
  if (level === 'manifests') return <LazyManifestList />
  if (level === 'metadata') return <LazyMetadataFiles />
  if (level === 'partitions' || level === 'sizes') return <LazyFileSummary by={level} />
  if (level === 'objects') return <LazyObjectBrowser />
  return <FileList />
}
