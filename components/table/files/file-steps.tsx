'use client'
import { IconChevronRight } from '@tabler/icons-react'
import { useShownTable } from '@/components/table/frame/shown-table'
import classes from './file-steps.module.css'
import { type FileTarget, useFileTarget } from './use-file-target'

const NO_SNAPSHOT = 'none yet'

type Step = { label: string; value: string; title: string; to: Partial<FileTarget> | null; isShown: boolean }

/** The path from the metadata log to a file. Each step that is known opens its level. */
export function FileSteps() {
  const { detail } = useShownTable()
  const { target, linkTo } = useFileTarget()
  const { level, manifest, file } = target
  const { snapshotId } = detail.shown
  const steps: Step[] = [
    {
      label: 'Metadata log',
      value: shorten(baseName(detail.metadataLocation)),
      title: detail.metadataLocation,
      to: { level: 'metadata' },
      isShown: level === 'metadata',
    },
    {
      label: 'Snapshot',
      value: snapshotId === null ? NO_SNAPSHOT : shorten(snapshotId),
      title: snapshotId ?? 'The table has no snapshot yet',
      to: {},
      isShown:
        file === null && manifest === null && level !== 'metadata' && level !== 'manifests' && level !== 'objects',
    },
    {
      label: 'Manifest list',
      value: snapshotId === null ? NO_SNAPSHOT : 'all manifests',
      title: snapshotId === null ? 'The table has no snapshot yet' : 'The manifests of the snapshot',
      to: { level: 'manifests' },
      isShown: level === 'manifests',
    },
    {
      label: 'Manifest',
      value: manifest === null ? 'Select…' : shorten(baseName(manifest)),
      title: manifest ?? 'Choose a manifest from the manifest list',
      to: manifest === null ? null : { manifest },
      isShown: manifest !== null && file === null,
    },
    {
      label: 'File',
      value: file === null ? 'Select…' : shorten(baseName(file)),
      title: file ?? 'Choose a file from a list of files',
      to: file === null ? null : { manifest, file },
      isShown: file !== null,
    },
  ]
  return (
    <nav aria-label="From metadata to files" className={classes.nav}>
      <ol className={classes.steps}>
        {steps.map(({ label, value, title, to, isShown }, index) => (
          <li key={label} className="row">
            {index > 0 && <IconChevronRight size={14} stroke={1.6} className={classes.arrow} aria-hidden />}
            {to === null ? (
              <span className={classes.step} data-missing title={title}>
                <span className={classes.label}>{label}</span>
                <span className={classes.value}>{value}</span>
              </span>
            ) : (
              <a
                className={classes.step}
                title={title}
                {...(isShown && { 'aria-current': 'step', ref: scrollToStep })}
                {...linkTo(to)}
              >
                <span className={classes.label}>{label}</span>
                <code className={classes.value}>{value}</code>
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** On a narrow page the steps scroll, and the shown one is among the last. */
function scrollToStep(step: HTMLElement | null): void {
  const nav = step?.closest('nav')
  if (step && nav) nav.scrollLeft = step.offsetLeft - nav.clientWidth / 2
}

export function baseName(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1)
}

const MAX_CHARS = 16

/** The first and the last characters of a name, which tell files of one writer apart. */
function shorten(name: string): string {
  const bare = name.replace(/\.(parquet|avro|metadata\.json|puffin|orc)$/, '')
  return bare.length <= MAX_CHARS ? bare : `${bare.slice(0, 6)}…${bare.slice(-6)}`
}
