'use client'
import { Panel } from '@/components/ui/panel'
import type { Sortedness } from '@/lib/contract/table/layout'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import classes from './simulator.module.css'

/** How far the files of each partition are apart in a column. */
export function SortednessPanel({ sortedness }: { sortedness: Sortedness }) {
  const { column, comparedFiles, overlappingFiles, unknownFiles, exampleFiles } = sortedness
  const { averageFilesPerValue, mostFilesPerValue } = sortedness
  return (
    <Panel title="How sorted the files are" subtitle={`bounds of ${column}`}>
      <div className={classes.sorted}>
        {comparedFiles === 0 ? (
          <p>No file has bounds of this column, so it is unknown how sorted the files are.</p>
        ) : (
          <>
            {overlappingFiles === 0 ? (
              <p>No file overlaps another in its partition.</p>
            ) : (
              <p>
                <strong>{formatPercent(overlappingFiles / comparedFiles)}</strong> of{' '}
                {formatQuantity(comparedFiles, 'file')} overlap another in their partition.
              </p>
            )}
            <div className={classes.drawn} aria-hidden>
              {exampleFiles.map(({ from, to, isOverlapping }, i) => (
                <span
                  key={i}
                  data-overlapping={isOverlapping || undefined}
                  style={{ marginLeft: `${from * 100}%`, width: `${(to - from) * 100}%` }}
                />
              ))}
            </div>
            <div className={classes.ends} aria-hidden>
              <code>{exampleFiles[0]?.lower}</code>
              <code>{highest(exampleFiles)}</code>
            </div>
            <ul className={classes.legend}>
              <li>
                <span className={classes.mark} data-overlapping aria-hidden />
                {formatQuantity(overlappingFiles, 'file')} {overlappingFiles === 1 ? 'overlaps' : 'overlap'}
              </li>
              <li>
                <span className={classes.mark} aria-hidden />
                {formatQuantity(comparedFiles - overlappingFiles, 'file')} apart
              </li>
              {comparedFiles > exampleFiles.length && <li>{exampleFiles.length} are drawn</li>}
            </ul>
            <p>
              Looking up one <code>{column}</code> opens{' '}
              {averageFilesPerValue === mostFilesPerValue ? mostFilesPerValue : averageFilesPerValue.toFixed(1)} of{' '}
              {formatQuantity(comparedFiles + unknownFiles, 'file')}
              {averageFilesPerValue !== mostFilesPerValue && ` on average, ${mostFilesPerValue} at most`}.
            </p>
          </>
        )}
        {unknownFiles > 0 && comparedFiles > 0 && (
          <p>{formatQuantity(unknownFiles, 'file')} without bounds are not judged, and every lookup opens them.</p>
        )}
      </div>
    </Panel>
  )
}

function highest(drawn: Sortedness['exampleFiles']): string {
  return (
    drawn.reduce<Sortedness['exampleFiles'][number] | null>(
      (most, one) => (most && most.to >= one.to ? most : one),
      null,
    )?.upper ?? ''
  )
}
