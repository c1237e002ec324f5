'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { FileList } from './file-list'
import classes from './file-steps.module.css'
import { FILE_LEVELS, useFileTarget } from './use-file-target'

/** The steps are above everything else, which would move when they appear. */
const LazyFileSteps = lazyComponent(async () => (await import('./file-steps')).FileSteps, {
  isServerRendered: true,
  loading: () => <div className={classes.loading} />,
})
const loading = () => <SkeletonRows rows={12} columns={6} />

const LazyFileInspector = lazyComponent(async () => (await import('./inspector/file-inspector')).FileInspector, {
  loading,
})
const LazyManifestList = lazyComponent(async () => (await import('./manifest-list')).ManifestList, { loading })

const LazyMetadataFiles = lazyComponent(async () => (await import('./metadata-files')).MetadataFiles, { loading })

const LazyFileSummary = lazyComponent(async () => (await import('./file-summary')).FileSummary, { loading })

const LazyObjectBrowser = lazyComponent(async () => (await import('./object-browser')).ObjectBrowser, { loading })

const LEVEL_CHECK: AddressChecks = {
  level: (value) =>
    FILE_LEVELS.some((level) => level === value)
      ? null
      : `${quoteAddress('level', value)} is not a view of the files. These are the files of the snapshot.`,
}

/** The table's files at the shown snapshot: every level from the metadata log to a single file. */
export function FilesTab() {
  const { target } = useFileTarget()
  return (
    <>
      <LazyFileSteps />
      <AddressProblems checks={LEVEL_CHECK} />
      <Level key={`${target.level} ${target.manifest} ${target.file} ${target.folder}`} />
    </>
  )
}

function Level() {
  const { target } = useFileTarget()
  const { level, manifest, file } = target
  if (file !== null) return <LazyFileInspector file={file} manifest={manifest} />
  if (manifest !== null) return <FileList manifest={manifest} />
  if (level === 'manifests') return <LazyManifestList />
  if (level === 'metadata') return <LazyMetadataFiles />
  if (level === 'partitions' || level === 'sizes') return <LazyFileSummary by={level} />
  if (level === 'objects') return <LazyObjectBrowser />
  return <FileList />
}
