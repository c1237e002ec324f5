import { Checkbox } from '@mantine/core'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { formatBytes } from '@/lib/format/bytes'
import classes from './location-browser.module.css'
import type { LocationFile } from './location-files'
import type { LocationFiles } from './use-location-files'

/** A file of a location that can be a file of the load. */
export function LocationLine({
  file,
  label,
  sizeBytes,
  modifiedAtMs,
  located,
}: {
  file: LocationFile
  label: string
  sizeBytes: number
  modifiedAtMs: number | null
  located: LocationFiles
}) {
  return (
    <li className={classes.entry}>
      <Checkbox
        size="xs"
        label={label}
        checked={located.files.some(({ fileName }) => fileName === file.fileName)}
        classNames={{ root: classes.tick ?? '', label: classes.name ?? '' }}
        onChange={({ currentTarget }) => {
          if (currentTarget.checked) located.add(file)
          else located.remove(file.fileName)
        }}
      />
      <span className={classes.facts}>
        {formatBytes(sizeBytes)}
        {modifiedAtMs !== null && (
          <>
            , <RelativeTime atMs={modifiedAtMs} />
          </>
        )}
      </span>
    </li>
  )
}
